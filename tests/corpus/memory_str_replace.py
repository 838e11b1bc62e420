# Lets replace blow up a short text to a terabyte, which overflows the size that C code computes.
# outcome: Exception
# message: OverflowError

def run(contact, existing_contact, logger, **kwargs):
    contact.name = ("a" * 1_000_000).replace("a", "b" * 1_000_000)
    return contact
