# Unpickles a stream that calls os.system.
# outcome: ok
# contained: "denied"

import pickle


def run(contact, existing_contact, logger, **kwargs):
    try:
        contact.results["out"] = pickle.loads(b"cos\nsystem\n(S'id'\ntR.")
    except OSError:
        contact.results["out"] = "denied"
    return contact
