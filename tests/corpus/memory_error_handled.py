# Asks for too much, catches the error and goes on: the run is still a good one.
# outcome: ok
# contained: "went on"

def run(contact, existing_contact, logger, **kwargs):
    try:
        bytes(1 << 30)
    except MemoryError:
        contact.results["out"] = "went on"
    return contact
