# Plans a communication that is completed from the start.
# outcome: InvalidResult
# message: a new communication is planned

def run(contact, existing_contact, logger, **kwargs):
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now(), status="completed"))
    return contact
