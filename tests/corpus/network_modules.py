# Imports every module of the standard library that talks to a network.
# outcome: ok
# contained: []

import importlib


def run(contact, existing_contact, logger, **kwargs):
    found = []
    names = "urllib.request http.client http.server ssl smtplib ftplib imaplib poplib xmlrpc.client socketserver"
    for name in names.split():
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    contact.results["out"] = found
    return contact
