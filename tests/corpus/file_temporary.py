# Makes a temporary file.
# outcome: ok
# contained: "denied"

def run(contact, existing_contact, logger, **kwargs):
    try:
        import tempfile

        tempfile.TemporaryFile().write(b"x")
        contact.results["out"] = "reached"
    except (ImportError, OSError):
        contact.results["out"] = "denied"
    return contact
