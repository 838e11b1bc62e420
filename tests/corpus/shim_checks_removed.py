# Replaces the runtime's check of each field with one that says yes: the host is the judge.
# outcome: InvalidResult
# message: is read-only and was changed

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while "given" not in frame.f_globals:
        frame = frame.f_back
    fields = frame.f_globals["given"].documents._CONTACT
    for name in fields:
        fields[name] = lambda value: value
    contact.__dict__["external_id"] = "SOMEBODY"
    return contact
