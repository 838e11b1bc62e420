# Declares an encoding that the source does not have, which a decoder might follow.
# -*- coding: rot13 -*-
# outcome: ok
# contained: "läuft"

def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "läuft"
    return contact
