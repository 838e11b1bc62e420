# Pads a number to a thousand million digits with the old format operator.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.name = "%1000000000d" % 1
    return contact
