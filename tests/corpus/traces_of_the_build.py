# Looks for paths of the machine on which the runtime was built.
# outcome: ok
# contained: []

import sys


def run(contact, existing_contact, logger, **kwargs):
    texts = {str(value) for name, value in vars(sys).items() if name not in ("modules",)}
    for module in list(sys.modules.values()):
        texts |= {str(getattr(module, name, "")) for name in ("__file__", "__path__", "__cached__", "__spec__")}
    contact.results["out"] = sorted(text[:200] for text in texts if "/root" in text or "/home" in text or "/work" in text)
    return contact
