# Opens a file of the host with the built-in open.
# outcome: ok
# contained: "denied"

def run(contact, existing_contact, logger, **kwargs):
    try:
        contact.results["out"] = open("/etc/passwd").read()
    except FileNotFoundError:
        contact.results["out"] = "denied"
    return contact
