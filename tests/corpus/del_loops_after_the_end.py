# Leaves an object behind whose finaliser loops for ever, for whoever cleans up after the run.
# outcome: ok
# contained: "left behind"

class Loops:
    def __del__(self):
        while True:
            pass


kept = Loops()


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "left behind"
    return contact
