# Opens files through C modules that the runtime's polite replacements do not cover.
# outcome: ok
# contained: "denied"

import _io
import posix


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for path in ("/etc/passwd", "etc/passwd", "../../../etc/passwd", "/proc/self/environ", "/dev/stdin", ".", "/", ""):
        for attempt in (
            lambda: _io.open(path),
            lambda: _io.open_code(path),
            lambda: _io.FileIO(path),
            lambda: posix.open(path, posix.O_RDONLY),
        ):
            try:
                attempt()
                contact.results["out"] = f"reached {path}"
            except (OSError, TypeError):
                pass
    return contact
