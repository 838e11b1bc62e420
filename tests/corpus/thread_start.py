# Starts a thread.
# outcome: ok
# contained: "denied"

import threading


def run(contact, existing_contact, logger, **kwargs):
    try:
        threading.Thread(target=print).start()
        contact.results["out"] = "started"
    except RuntimeError:
        contact.results["out"] = "denied"
    return contact
