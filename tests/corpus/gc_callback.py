# Registers a callback of the garbage collector that collects again and raises.
# outcome: ok
# contained: "collected"

import gc


def again(phase, info):
    gc.collect()
    raise SystemExit(0)


def run(contact, existing_contact, logger, **kwargs):
    gc.callbacks.append(again)
    gc.collect()
    contact.results["out"] = "collected"
    return contact
