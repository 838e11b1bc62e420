# Compiles a sum of 20,000 terms, which is a tree of 20,000 levels without any parenthesis.
# outcome: StackOverflow

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = eval("+".join(["1"] * 20_000))
    return contact
