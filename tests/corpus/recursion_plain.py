# Calls itself without end.
# outcome: Exception
# message: RecursionError

def f(n):
    return f(n + 1)


def run(contact, existing_contact, logger, **kwargs):
    return f(0)
