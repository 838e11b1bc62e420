# Gives its own names to the built-in functions that the rest of its module uses.
# outcome: ok
# contained: "shadowed"

len = str = dict = isinstance = print = None


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "shadowed"
    return contact
