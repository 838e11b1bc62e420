# Raises the real recursion limit and recurses through C code, which has a stack of its own.
# outcome: StackOverflow
# message: stack of 2 MiB

import sys


class Same:
    def __eq__(self, other):
        return [self] == [other]


def run(contact, existing_contact, logger, **kwargs):
    for cell in sys.setrecursionlimit.__closure__:
        cell.cell_contents(10**9)
    contact.results["same"] = Same() == Same()
    return contact
