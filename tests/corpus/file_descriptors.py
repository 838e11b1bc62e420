# Tries every low file descriptor, as if one had been left open by the host.
# outcome: ok
# contained: []

import posix


def run(contact, existing_contact, logger, **kwargs):
    # 0, 1 and 2 are the run's own: an empty input and the log.
    readable = []
    for fd in range(3, 100):
        try:
            posix.read(fd, 1)
            readable.append(fd)
        except OSError:
            pass
    contact.results["out"] = readable
    return contact
