# Removes the output streams and replaces the log's handler with one that raises.
# outcome: ok
# contained: "removed"

import logging
import sys


class Raises(logging.Handler):
    def handle(self, record):
        raise SystemExit(0)


def run(contact, existing_contact, logger, **kwargs):
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
    logging.getLogger().handlers[:] = [Raises()]
    print("to nowhere")
    contact.results["out"] = "removed"
    return contact
