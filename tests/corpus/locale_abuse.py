# Sets locales that exist nowhere and asks C code to sort by them.
# outcome: ok
# contained: "survived"

import locale


def run(contact, existing_contact, logger, **kwargs):
    for name in ("de_DE.UTF-8", "x" * 10_000, "../../etc/passwd", "C"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            pass
    locale.strxfrm("x" * 100_000)
    contact.results["out"] = "survived"
    return contact
