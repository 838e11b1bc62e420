# Deletes every built-in function and returns: there is not even an exception class left to report it with.
# outcome: Trap

import builtins


def run(contact, existing_contact, logger, **kwargs):
    vars(builtins).clear()
    return contact
