# Compiles 50,000 attribute accesses in a row.
# outcome: StackOverflow

def run(contact, existing_contact, logger, **kwargs):
    compile("contact" + ".a" * 50_000, "chain", "eval")
    return contact
