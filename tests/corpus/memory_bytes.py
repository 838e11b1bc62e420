# Asks for a gigabyte of bytes at once.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.results["size"] = len(b"x" * (1 << 30))
    return contact
