async def run(contact, existing_contact, logger, **kwargs):
    contact.current_stage = "First Contact"
    return contact
