# Logs, prints and warns of lone surrogates, in texts and in arguments.
# outcome: ok
# contained: "logged"

import sys
import warnings


def run(contact, existing_contact, logger, **kwargs):
    print("\ud800", "\udfff", sep="\udc00", end="\ud801")
    sys.stderr.write("\ud800\n")
    logger.info("\ud800 %s", "\udfff")
    logger.log(12345, "\ud800")
    warnings.warn("\ud800")
    contact.results["out"] = "logged"
    return contact
