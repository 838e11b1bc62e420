# Puts an object into results that raises whatever is asked of it.
# outcome: InvalidResult
# message: cannot be stored

class Raises:
    def fail(self, *args):
        raise SystemExit("asked")

    __eq__ = __hash__ = __iter__ = __bool__ = __len__ = __str__ = __repr__ = __getattr__ = __int__ = __float__ = fail


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = [Raises()]
    return contact
