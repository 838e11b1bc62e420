# Leaves marks in modules of the standard library and of the SDK, hoping that another tenant's run sees them.
# outcome: ok
# contained: []

import builtins
import decimal
import json
import logging
import random
import sys

import stratagem


def run(contact, existing_contact, logger, **kwargs):
    found = []
    for module in (builtins, decimal, json, logging, random, sys, stratagem):
        if hasattr(module, "leak"):
            found.append(module.__name__)
        module.leak = contact.external_id
    contact.results["out"] = found
    return contact
