# Formats the date with a field width of a hundred million.
# outcome: ok
# contained: "survived"

import time


def run(contact, existing_contact, logger, **kwargs):
    time.strftime("%+100000000Y")
    contact.results["out"] = "survived"
    return contact
