# Recurses through map and list, that is Python to C to Python.
# outcome: Exception
# message: RecursionError

def f(value):
    return list(map(f, [value]))


def run(contact, existing_contact, logger, **kwargs):
    return f(1)
