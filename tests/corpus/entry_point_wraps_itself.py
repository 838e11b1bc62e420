# Claims to wrap itself, so that who follows the wrappers never arrives.
# outcome: ok
# contained: "called"

def run(contact, existing_contact, logger=None, **kwargs):
    contact.results["out"] = "called"
    return contact


run.__wrapped__ = run
