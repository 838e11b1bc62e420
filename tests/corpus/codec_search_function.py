# Registers a codec search function that gives nonsense.
# outcome: Exception
# message: TypeError

import codecs


def run(contact, existing_contact, logger, **kwargs):
    codecs.register(lambda name: (1, 2, 3))
    contact.name = "x".encode("nonsense")
    return contact
