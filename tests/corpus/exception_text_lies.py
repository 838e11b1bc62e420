# Raises an exception whose text is of a class that lies about its length and encodes itself to a number.
# outcome: Exception
# message: Odd

class Long(str):
    def __len__(self):
        return 0

    def encode(self, *args):
        return 5


class Odd(Exception):
    def __str__(self):
        return Long("x" * 100_000)


def run(contact, existing_contact, logger, **kwargs):
    raise Odd
