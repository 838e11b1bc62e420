# Shifts a number to a thousand million bits.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    contact.results["bits"] = (1 << 10**9).bit_length()
    return contact
