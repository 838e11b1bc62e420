# Makes, renames, links and removes files and directories.
# outcome: ok
# contained: "denied"

import posix


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for attempt in (
        lambda: posix.mkdir("made"),
        lambda: posix.rename("/etc/passwd", "/tmp/passwd"),
        lambda: posix.symlink("/etc/passwd", "link"),
        lambda: posix.link("/etc/passwd", "link"),
        lambda: posix.unlink("/tmp/x"),
        lambda: posix.rmdir("/tmp"),
        lambda: posix.truncate("/etc/passwd", 0),
        lambda: posix.utime("/etc/passwd"),
        lambda: posix.chdir("/"),
        lambda: posix.stat("/"),
        lambda: posix.readlink("/proc/self/exe"),
    ):
        try:
            attempt()
            contact.results["out"] = f"reached line {attempt.__code__.co_firstlineno}"
        except OSError:
            pass
    return contact
