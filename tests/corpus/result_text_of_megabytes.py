# Makes the runtime answer with 20 MB of text, more than may cross the boundary at all.
# outcome: HostCallLimit

import sys


def writing():
    """The runtime's module that writes results, found through the frames below the strategy's own."""
    frame = sys._getframe()
    while "given" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["given"].views


def run(contact, existing_contact, logger, **kwargs):
    writing().dumps = lambda value: "x" * 20_000_000
    contact.results["changed"] = True
    return contact
