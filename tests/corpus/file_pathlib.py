# Reads files through pathlib.
# outcome: ok
# contained: "denied"

import pathlib


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for path in ("/etc/passwd", "/", ".", "/python", "/proc/self/environ"):
        try:
            contact.results["out"] = pathlib.Path(path).read_text()
        except OSError:
            pass
        if pathlib.Path(path).exists():
            contact.results["out"] = f"there is {path}"
    return contact
