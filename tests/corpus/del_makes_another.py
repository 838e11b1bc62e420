# Makes a new object of the same kind in each finaliser.
# outcome: ok
# contained: "went on"

class Again:
    def __del__(self):
        Again()


def run(contact, existing_contact, logger, **kwargs):
    Again()
    contact.results["out"] = "went on"
    return contact
