# Returns a dictionary whose methods loop, raise and lie: none of them may be called.
# outcome: ok
# contained: {"a": 1}

class Hostile(dict):
    def fail(self, *args):
        while True:
            pass

    __iter__ = __len__ = __getitem__ = __contains__ = items = keys = values = get = __eq__ = __bool__ = __repr__ = fail


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = Hostile(a=1)
    return contact
