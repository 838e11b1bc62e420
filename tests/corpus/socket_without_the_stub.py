# Makes sockets of every kind with the C module that the runtime's polite replacement does not cover.
# outcome: ok
# contained: "denied"

import _socket


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for family in range(0, 20):
        for kind in range(0, 10):
            try:
                _socket.socket(family, kind)
                contact.results["out"] = f"made a socket of family {family}, kind {kind}"
            except OSError:
                pass
    for fd in range(3, 20):
        try:
            _socket.socket(fileno=fd)
            contact.results["out"] = f"took descriptor {fd}"
        except OSError:
            pass
    return contact
