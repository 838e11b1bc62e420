# Starts a shell with os.system and os.popen.
# outcome: ok
# contained: "denied"

import os


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for attempt in (lambda: os.system("id"), lambda: os.popen("id").read(), lambda: os.execv("/bin/sh", ["sh"])):
        try:
            contact.results["out"] = repr(attempt())
        except OSError:
            pass
    return contact
