# Compiles an if statement of 20,000 branches, each nested in the one before as the parser sees it.
# outcome: Exception
# message: MemoryError: Parser stack overflowed

def run(contact, existing_contact, logger, **kwargs):
    exec("if 0: pass\n" + "elif 0: pass\n" * 20_000)
    return contact
