# Raises from a finaliser, where nobody can catch it.
# outcome: ok
# contained: "went on"

class Raises:
    def __del__(self):
        raise SystemExit("from the grave")


def run(contact, existing_contact, logger, **kwargs):
    for _ in range(100):
        Raises()
    contact.results["out"] = "went on"
    return contact
