# Builds a chain of 50,000 iterators and only lets it go, since taking it apart recurses too.
# outcome: StackOverflow

def run(contact, existing_contact, logger, **kwargs):
    chain = iter(())
    for _ in range(50_000):
        chain = map(str, chain)
    del chain
    contact.results["out"] = "dropped"
    return contact
