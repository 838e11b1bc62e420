# Raises an exception whose text cannot be had, because asking for it raises another.
# outcome: Exception
# message: Odd: <its text cannot be had: str() raised ZeroDivisionError>

class Odd(Exception):
    def __str__(self):
        return 1 / 0


def run(contact, existing_contact, logger, **kwargs):
    raise Odd
