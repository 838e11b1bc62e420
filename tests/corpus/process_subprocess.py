# Starts a program with subprocess.
# outcome: ok
# contained: "denied"

import subprocess


def run(contact, existing_contact, logger, **kwargs):
    try:
        contact.results["out"] = subprocess.check_output(["id"]).decode()
    except OSError:
        contact.results["out"] = "denied"
    return contact
