# Makes the runtime answer with a communication that has its id twice, once right and once wrong.
# outcome: InvalidResult

import sys


def writing():
    """The runtime's module that writes results, found through the frames below the strategy's own."""
    frame = sys._getframe()
    while "given" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals["given"].views


def run(contact, existing_contact, logger, **kwargs):
    views = writing()
    honest = views._planned
    views._planned = lambda item: honest(item)[:-1] + ',"id":"another"}'
    contact.communications.append(Communication("New", "First Contact", datetime(2026, 3, 11)))
    return contact
