# Looks for ways to run machine code: ctypes, mmap, an extension module.
# outcome: ok
# contained: []

import importlib


def run(contact, existing_contact, logger, **kwargs):
    found = []
    for name in "ctypes _ctypes mmap cffi _cffi_backend dl".split():
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    try:
        loader = importlib.machinery.ExtensionFileLoader("x", "/tmp/x.so")
        loader.create_module(importlib.machinery.ModuleSpec("x", loader, origin="/tmp/x.so"))
        found.append("extension")
    except (ImportError, OSError):
        pass
    contact.results["out"] = found
    return contact
