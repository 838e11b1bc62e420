# Registers an error handler for decoding that sends the decoder back to where it was.
# outcome: FuelExhausted

import codecs


def run(contact, existing_contact, logger, **kwargs):
    codecs.register_error("again", lambda error: ("?", error.start))
    contact.name = b"\xff".decode("utf-8", "again")
    return contact
