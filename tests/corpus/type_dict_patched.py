# Replaces methods of immutable built-in types in their real dictionaries, on which all checks rest.
# outcome: Exception | InvalidResult

import gc
import sys


def run(contact, existing_contact, logger, **kwargs):
    methods = gc.get_referents(str.__dict__)[0]
    methods["__str__"] = methods["isascii"] = lambda self: self
    methods["encode"] = lambda self, *args: b""
    sys._clear_internal_caches()
    sys._clear_type_cache()
    contact.name = "\ud800"
    return contact
