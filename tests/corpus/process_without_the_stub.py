# Looks for the C function behind subprocess, and for the class behind os.popen among all subclasses of object.
# outcome: ok
# contained: "denied"

import os


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    try:
        import _posixsubprocess

        contact.results["out"] = f"reached {_posixsubprocess.fork_exec}"
    except ImportError:
        pass
    for cls in ().__class__.__base__.__subclasses__():
        if cls.__name__ == "_wrap_close":
            try:
                contact.results["out"] = cls.__init__.__globals__["popen"]("id").read()
            except OSError:
                pass
    return contact
