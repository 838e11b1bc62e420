# Listens on a port.
# outcome: ok
# contained: "denied"

import socket


def run(contact, existing_contact, logger, **kwargs):
    try:
        socket.create_server(("0.0.0.0", 8080))
        contact.results["out"] = "listens"
    except OSError:
        contact.results["out"] = "denied"
    return contact
