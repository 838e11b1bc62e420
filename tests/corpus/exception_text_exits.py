# Raises an exception whose text ends the interpreter.
# outcome: Exception
# message: Odd

class Odd(Exception):
    def __str__(self):
        raise SystemExit(0)


def run(contact, existing_contact, logger, **kwargs):
    raise Odd
