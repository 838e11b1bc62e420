# Imports itself while it is being loaded, and again and again afterwards.
# outcome: ok
# contained: "imported"

import importlib
import sys

me = importlib.import_module(__name__)


def run(contact, existing_contact, logger, **kwargs):
    for _ in range(10):
        sys.modules.pop(__name__, None)
        try:
            importlib.import_module(__name__)
        except ImportError:
            pass
    contact.results["out"] = "imported" if me.run is run else "another"
    return contact
