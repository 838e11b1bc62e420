# Reads files through modules that open them on their own: linecache, tokenize, gzip, logging, importlib.
# outcome: ok
# contained: "denied"

import gzip
import importlib.machinery
import linecache
import logging
import tokenize


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    if linecache.getlines("/etc/passwd"):
        contact.results["out"] = "linecache"
    for attempt in (
        lambda: tokenize.open("/etc/passwd"),
        lambda: gzip.open("/etc/passwd").read(),
        lambda: logging.FileHandler("/tmp/left_behind.log"),
        lambda: importlib.machinery.SourceFileLoader("x", "/etc/passwd").get_data("/etc/passwd"),
    ):
        try:
            attempt()
            contact.results["out"] = f"reached line {attempt.__code__.co_firstlineno}"
        except OSError:
            pass
    return contact
