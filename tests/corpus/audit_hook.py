# Adds an audit hook, which cannot be removed, that raises on everything.
# outcome: ok
# contained: "audited"

import sys


def hook(event, args):
    raise SystemExit(event)


def run(contact, existing_contact, logger, **kwargs):
    sys.addaudithook(hook)
    contact.results["out"] = "audited"
    return contact
