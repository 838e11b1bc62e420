# Installs a signal handler and an alarm.
# outcome: ok
# contained: "denied"

import signal


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for attempt in (lambda: signal.signal(signal.SIGINT, print), lambda: signal.alarm(1), lambda: signal.raise_signal(2)):
        try:
            attempt()
            contact.results["out"] = "reached"
        except (OSError, ValueError):
            pass
    return contact
