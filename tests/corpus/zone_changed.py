# Moves the contact to another time zone, which only an import may do.
# outcome: InvalidResult
# message: contact.time_zone is read-only

def run(contact, existing_contact, logger, **kwargs):
    contact.__dict__["time_zone"] = "../../etc/passwd"
    return contact
