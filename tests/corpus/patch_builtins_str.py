# Replaces str by something that lets unchecked text pass the runtime's checks.
# outcome: Exception

import builtins


class Anything:
    @staticmethod
    def __str__(value):
        return value

    @staticmethod
    def encode(value):
        return b""


def run(contact, existing_contact, logger, **kwargs):
    builtins.str = Anything
    contact.name = "\ud800"
    return contact
