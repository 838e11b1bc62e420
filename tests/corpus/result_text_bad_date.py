# Makes the runtime answer with dates that are none, and one that a lenient parser might take.
# outcome: InvalidResult
# message: is no ISO 8601 date and time

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
    date, odd = "2030-01-01T00:00:00", "+262143-12-31T23:59:60"
    views._planned = lambda item: honest(item).replace(date, odd)
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime(2030, 1, 1)))
    return contact
