# Compiles a regular expression of 10,000 nested groups.
# outcome: Exception
# message: RecursionError

import re


def run(contact, existing_contact, logger, **kwargs):
    re.compile("(" * 10_000 + ")" * 10_000)
    return contact
