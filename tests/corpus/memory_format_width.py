# Pads a number to a thousand million digits with a format specification.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.name = f"{1:1000000000d}"
    return contact
