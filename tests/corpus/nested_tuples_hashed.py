# Hashes a tuple that is nested 100,000 levels deep; hashing has no recursion check of its own.
# outcome: StackOverflow
# message: stack of 2 MiB

def run(contact, existing_contact, logger, **kwargs):
    nested = ()
    for _ in range(100_000):
        nested = (nested,)
    contact.results["hash"] = hash(nested)
    return contact
