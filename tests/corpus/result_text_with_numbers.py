# Makes the runtime answer with a valid contact whose numbers are beyond every type of the host's.
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
    honest = views.dumps
    views.dumps = lambda value: honest(value).replace('"BIG"', "1e999999")
    contact.params["x"] = "BIG"
    return contact
