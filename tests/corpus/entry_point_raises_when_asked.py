# Raises whatever is asked of its entry point, even whether it is callable.
# outcome: Exception
# message: SystemExit: __class__

class Entry:
    def __getattribute__(self, name):
        raise SystemExit(name)

    def __call__(self, contact, existing_contact, logger, **kwargs):
        return contact


run = Entry()
