# Compiles the same nested expression in the run, where no load is there to explain it.
# outcome: Exception
# message: MemoryError

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = eval("-" * 20_000 + "1")
    return contact
