# Returns a contact that gives another value each time it is read.
# outcome: ok

import itertools

names = map(str, itertools.count())


class Trick(Contact):
    name = property(lambda self: next(names))


def run(contact, existing_contact, logger, **kwargs):
    contact.__class__ = Trick
    return contact
