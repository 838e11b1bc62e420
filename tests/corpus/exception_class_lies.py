# Raises an exception that answers every question about itself, its class included, by raising.
# outcome: Exception
# message: Odd

class Odd(Exception):
    def __getattribute__(self, name):
        raise SystemExit(0)


def run(contact, existing_contact, logger, **kwargs):
    raise Odd("really")
