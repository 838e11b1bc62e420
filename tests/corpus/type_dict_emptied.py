# Empties the real dictionaries of the most basic types.
# outcome: ok | Trap | StackOverflow | Exception

import gc
import sys


def run(contact, existing_contact, logger, **kwargs):
    for cls in (int, list, dict, type, object):
        gc.get_referents(cls.__dict__)[0].clear()
    sys._clear_type_cache()
    return contact
