# Replaces methods of datetime itself, as the runtime does, so that all dates are the same.
# outcome: ok
# contained: "2000-01-01T00:00:00"

import gc
import sys


def run(contact, existing_contact, logger, **kwargs):
    methods = gc.get_referents(datetime.__dict__)[0]
    methods["now"] = classmethod(lambda cls, tz=None: cls(2000, 1, 1))
    sys._clear_type_cache()
    contact.results["out"] = datetime.now().isoformat()
    return contact
