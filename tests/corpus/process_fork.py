# Forks for ever, a fork bomb, with every function that there may be.
# outcome: ok
# contained: "denied"

import os
import posix


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for owner in (os, posix):
        for name in ("fork", "vfork", "forkpty", "posix_spawn", "spawnv", "execve", "system"):
            try:
                contact.results["out"] = f"{name} gave {getattr(owner, name)()}"
            except (AttributeError, OSError):
                pass
    return contact
