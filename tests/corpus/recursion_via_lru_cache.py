# Recurses through a C wrapper around a Python function.
# outcome: Exception
# message: RecursionError

import functools


@functools.lru_cache
def f(n):
    return f(n + 1)


def run(contact, existing_contact, logger, **kwargs):
    return f(0)
