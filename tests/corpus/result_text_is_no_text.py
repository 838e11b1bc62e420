# Makes the runtime answer with a number in place of text.
# outcome: Exception
# message: TypeError

import sys


def writing():
    """The runtime's module that writes results, found through the frames below the strategy's own."""
    frame = sys._getframe()
    while "given" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["given"].views


def run(contact, existing_contact, logger, **kwargs):
    writing().dumps = lambda value: 42
    contact.results["changed"] = True
    return contact
