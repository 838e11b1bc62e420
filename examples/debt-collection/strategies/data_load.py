"""When a contact is imported: plan the e-mail; when it is imported again with a payment, end the sequence."""


async def run(contact: Contact, existing_contact: Contact | None, logger, **kwargs) -> Contact:
    if contact.params.get("paid") == "yes":
        for comm in contact.communications:
            if comm.status.status == CommunicationStatus.PLANNED:
                comm.status.status = CommunicationStatus.CANCELED
        contact.communications.append(Communication("Close", stage_name="4. Closed", start_date=datetime.now()))
        contact.current_stage = "4. Closed"
        contact.results["Outcome"] = "PAID"
        logger.info("paid: nothing more is sent")
        return contact
    if existing_contact is None:
        contact.communications.append(Communication("Notice", stage_name="1. Email", start_date=datetime.now()))
        contact.current_stage = "1. Email"
    return contact
