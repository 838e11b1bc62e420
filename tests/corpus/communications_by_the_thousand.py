# Plans 1,000 communications with one person.
# outcome: InvalidResult
# message: a run may plan 100

def run(contact, existing_contact, logger, **kwargs):
    for i in range(1_000):
        contact.communications.append(Communication(f"Hello {i}", stage_name="Mail", start_date=datetime.now()))
    return contact
