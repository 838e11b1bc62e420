# Joins a long text with itself a thousand times.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.name = ("x" * 1_000_000).join(["y"] * 1_000)
    return contact
