# Asks for a feature of the future that is a joke.
# outcome: SyntaxError
# message: not a chance

from __future__ import braces


def run(contact, existing_contact, logger, **kwargs):
    return contact
