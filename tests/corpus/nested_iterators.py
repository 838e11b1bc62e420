# Wraps an iterator 50,000 times: asking the outermost goes through all of them on the C stack.
# outcome: StackOverflow
# message: stack of 2 MiB

def run(contact, existing_contact, logger, **kwargs):
    chain = iter(())
    for _ in range(50_000):
        chain = map(str, chain)
    contact.results["all"] = list(chain)
    return contact
