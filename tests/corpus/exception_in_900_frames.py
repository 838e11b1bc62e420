# Raises an exception from 900 frames down, each of which would be a line of the traceback.
# outcome: Exception
# message: ZeroDivisionError

def deeper(n):
    return deeper(n - 1) if n else 1 / 0


def run(contact, existing_contact, logger, **kwargs):
    return deeper(900)
