# Compiles 200 nested blocks.
# outcome: Exception
# message: IndentationError

def run(contact, existing_contact, logger, **kwargs):
    exec("".join(" " * level + "if 1:\n" for level in range(200)) + " " * 200 + "pass")
    return contact
