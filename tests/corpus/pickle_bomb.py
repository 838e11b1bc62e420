# Unpickles a short stream that doubles a list 40 times through its memo, then writes it out.
# outcome: FuelExhausted

import pickle


def run(contact, existing_contact, logger, **kwargs):
    # Each round makes a tuple of the same object twice.
    bomb = pickle.loads(b"(lq\x00" + b"0h\x00h\x00\x86q\x00" * 40 + b".")
    contact.name = repr(bomb)
    return contact
