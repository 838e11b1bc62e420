# Stops for a debugger and asks for input, to wait for a person who never comes.
# outcome: ok
# contained: "denied"

def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for attempt in (breakpoint, input):
        try:
            attempt()
            contact.results["out"] = "reached"
        except (RuntimeError, OSError):
            pass
    return contact
