# Uses several processes.
# outcome: ok
# contained: "denied"

def run(contact, existing_contact, logger, **kwargs):
    try:
        import multiprocessing

        contact.results["out"] = str(multiprocessing.Pool(2).map(abs, [-1]))
    except (ImportError, OSError):
        contact.results["out"] = "denied"
    return contact
