# Connects to a server by TCP.
# outcome: ok
# contained: "denied"

import socket


def run(contact, existing_contact, logger, **kwargs):
    try:
        socket.create_connection(("1.1.1.1", 80))
        contact.results["out"] = "reached"
    except OSError:
        contact.results["out"] = "denied"
    return contact
