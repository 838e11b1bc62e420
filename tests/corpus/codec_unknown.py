# Asks for codecs that do not exist, and for one whose name is a path.
# outcome: ok
# contained: "denied"

def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for name in ("no-such-codec", "../../etc/passwd", "os", "x" * 100_000, ".", ""):
        try:
            "text".encode(name)
            contact.results["out"] = f"reached {name[:20]}"
        except LookupError:
            pass
    return contact
