# Makes the runtime answer with dates that are none, and one that a lenient parser might take.
# outcome: InvalidResult
# message: is no ISO 8601 date and time

import json


def run(contact, existing_contact, logger, **kwargs):
    honest = json.JSONEncoder.encode
    date, odd = "2030-01-01T00:00:00", "+262143-12-31T23:59:60"
    json.JSONEncoder.encode = lambda self, value: honest(self, value).replace(date, odd)
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime(2030, 1, 1)))
    return contact
