# Asks for what identifies the host: its name, processes, processors, users and load.
# outcome: ok
# contained: []

import os
import socket


def run(contact, existing_contact, logger, **kwargs):
    found = []
    names = "getpid getppid getuid getlogin cpu_count getloadavg ctermid ttyname"
    for owner, names in ((os, names), (socket, "gethostname")):
        for name in names.split():
            try:
                value = getattr(owner, name)()
            except (AttributeError, OSError, TypeError):
                continue
            # The C library answers some of these itself, with constants.
            if value not in (0, 1, 42, None, "", "wasi", "localhost", "(none)"):
                found.append([name, str(value)])
    contact.results["out"] = found
    return contact
