# Lets ast.literal_eval build what the parser makes of a long nested literal.
# outcome: Exception
# message: Error

import ast


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = ast.literal_eval("[" * 5_000 + "]" * 5_000)
    return contact
