# Makes a list of a thousand million numbers, more bytes than a 32-bit machine can ever have.
# outcome: Exception
# message: MemoryError

def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(list(range(10**9)))
    return contact
