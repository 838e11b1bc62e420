# Reads the environment variables, where servers keep their passwords.
# outcome: ok
# contained: []

import os
import posix


def run(contact, existing_contact, logger, **kwargs):
    found = {str(name) for name in (*os.environ, *posix.environ)}
    found |= {name for name in ("PATH", "HOME", "STRATAGEM_MASTER_KEY", "DATABASE_URL") if os.getenv(name)}
    contact.results["out"] = sorted(found)
    return contact
