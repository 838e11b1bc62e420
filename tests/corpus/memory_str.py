# Multiplies a text to a gigabyte.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.name = "x" * (1 << 30)
    return contact
