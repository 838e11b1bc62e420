# Asks for a recursion limit of a thousand million, then recurses.
# outcome: Exception
# message: RecursionError

import sys


def f(n):
    return f(n + 1)


def run(contact, existing_contact, logger, **kwargs):
    sys.setrecursionlimit(10**9)
    return f(0)
