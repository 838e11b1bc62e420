# Makes the runtime answer with JSON that is nested 100,000 levels deep, for the host's parser.
# outcome: InvalidResult

import sys


def writing():
    """The runtime's module that writes results, found through the frames below the strategy's own."""
    frame = sys._getframe()
    while "given" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["given"].views


def run(contact, existing_contact, logger, **kwargs):
    writing().dumps = lambda value: '{"params":' + '{"a":' * 100_000 + "1" + "}" * 100_001
    contact.results["changed"] = True
    return contact
