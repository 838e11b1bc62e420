# Sends signals to its own process through the C module.
# outcome: Trap

import _signal


def run(contact, existing_contact, logger, **kwargs):
    _signal.raise_signal(9)
    return contact
