# Uses attribute access in a format string, a classic way to read what is not one's own, for example secrets.
# outcome: ok
# contained: "no secret there"

import os
import string


def run(contact, existing_contact, logger, **kwargs):
    text = "{0.__class__.__init__.__globals__}".format(contact)
    text += string.Formatter().vformat("{0.environ}", (os,), {})
    text += string.Template("$a ${b}").safe_substitute(a=contact)
    # What can be reached is the guest's own memory. The host's environment and keys are not in it.
    contact.results["out"] = "secret!" if "PATH=" in text or "DATABASE" in text else "no secret there"
    return contact
