# Adds a communication that claims to exist already, delivered and answered.
# outcome: InvalidResult
# message: is no communication of this contact

def run(contact, existing_contact, logger, **kwargs):
    forged = Communication(
        "Paid", stage_name="Mail", start_date=datetime(2020, 1, 1), id="0192f0c1-2345-7abc-8def-0123456789ab",
        status="completed", delivery="read", flagged=True,
    )
    contact.communications.append(forged)
    return contact
