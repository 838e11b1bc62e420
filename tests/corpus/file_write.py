# Writes files, in the current directory, in /tmp and over the host's own.
# outcome: ok
# contained: "denied"

import _io
import posix


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for path in ("left_behind.txt", "/tmp/left_behind.txt", "/etc/passwd", "/dev/null"):
        for attempt in (
            lambda: open(path, "w"),
            lambda: _io.open(path, "a"),
            lambda: posix.open(path, posix.O_CREAT | posix.O_WRONLY),
        ):
            try:
                attempt()
                contact.results["out"] = f"wrote {path}"
            except OSError:
                pass
    return contact
