# Lets the JSON encoder call a default function that gives the same object again: a recursion in C alone.
# outcome: StackOverflow

import json


def run(contact, existing_contact, logger, **kwargs):
    contact.name = json.dumps(object(), default=lambda value: [object()], check_circular=False)
    return contact
