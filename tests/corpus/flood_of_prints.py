# Prints 10 MB.
# outcome: ok
# contained: "printed"

def run(contact, existing_contact, logger, **kwargs):
    for _ in range(10):
        print("x" * 1_000_000)
    contact.results["out"] = "printed"
    return contact
