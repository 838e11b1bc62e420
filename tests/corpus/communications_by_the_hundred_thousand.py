# Plans 100,000 communications with one person.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    hello = Communication("Hello", stage_name="Mail", start_date=datetime.now())
    contact.communications += [hello] * 100_000
    return contact
