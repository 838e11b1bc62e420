# Sets an environment variable, hoping that the host or the next run sees it.
# outcome: ok
# contained: "set here only"

import os


def run(contact, existing_contact, logger, **kwargs):
    os.environ["LEAK"] = "leaked"
    os.putenv("LEAK", "leaked")
    contact.results["out"] = "set here only"
    return contact
