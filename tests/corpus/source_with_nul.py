# Compiles source with a NUL character, after which a C parser might stop reading.
# outcome: Exception
# message: SyntaxError: source code string cannot contain null bytes

def run(contact, existing_contact, logger, **kwargs):
    exec("x = 1\0\nimport os")
    return contact
