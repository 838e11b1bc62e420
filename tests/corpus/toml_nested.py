# Parses TOML of 100,000 nested arrays.
# outcome: Exception
# message: RecursionError

import tomllib


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = tomllib.loads("x = " + "[" * 100_000)
    return contact
