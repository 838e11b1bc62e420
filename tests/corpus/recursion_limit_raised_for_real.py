# Digs the real setrecursionlimit out of the runtime's wrapper, then recurses until something gives: the fuel does.
# outcome: FuelExhausted

import sys


def f(n):
    return f(n + 1)


def run(contact, existing_contact, logger, **kwargs):
    for cell in sys.setrecursionlimit.__closure__:
        cell.cell_contents(10**9)
    return f(0)
