# Builds a chain of 50,000 generators, each over the one before, and asks the last: the interpreter needs no stack for it.
# outcome: ok
# contained: [1]

def run(contact, existing_contact, logger, **kwargs):
    chain = iter([1])
    for _ in range(50_000):
        chain = (item for item in chain)
    contact.results["out"] = list(chain)
    return contact
