# Starts a thread with the C module behind threading.
# outcome: ok
# contained: "denied"

import _thread


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for start in (_thread.start_new_thread, _thread.start_joinable_thread):
        try:
            start(print) if start is _thread.start_joinable_thread else start(print, ())
            contact.results["out"] = "started"
        except RuntimeError:
            pass
    return contact
