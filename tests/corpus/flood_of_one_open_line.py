# Prints 20 MB without a line break, so that the line has to be kept until it ends.
# outcome: ok
# contained: "printed"

def run(contact, existing_contact, logger, **kwargs):
    for _ in range(20):
        print("x" * 1_000_000, end="")
    contact.results["out"] = "printed"
    return contact
