# Lists the directories of the host, and of the machine that built the runtime.
# outcome: ok
# contained: []

import os


def run(contact, existing_contact, logger, **kwargs):
    found = []
    for path in ("/", ".", "..", "/python", "/bundled", "/0", "/proc", "/proc/self/fd", "/tmp"):
        for listing in (os.listdir, os.scandir):
            try:
                found += [str(entry) for entry in listing(path)]
            except OSError:
                pass
        found += [str(step) for step in os.walk(path)]
    contact.results["out"] = found
    return contact
