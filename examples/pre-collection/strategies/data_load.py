"""When a contact is imported: plan the first reminder that still lies ahead.

Dates and times without a zone are the contact's own local time.
"""

SEQUENCE = [  # stage, days from the due date
    ("1. Email reminder", -7),
    ("2. WhatsApp message", -3),
    ("3. Phone call", 0),
    ("4. Follow-up email", 2),
]


def business_hours(moment: datetime) -> datetime:
    """The moment itself, or the next one on Monday to Friday from 9 to 17 o'clock."""
    if moment.hour >= 17:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


async def run(contact: Contact, existing_contact: Contact | None, logger, **kwargs) -> Contact:
    if existing_contact is not None and contact.params.get("paid") == "yes":
        # The payment came in, and the file was imported again to say so.
        for comm in contact.communications:
            if comm.status.status == CommunicationStatus.PLANNED:
                comm.status.status = CommunicationStatus.CANCELED
        contact.current_stage = "Paid"
        contact.results["Outcome"] = "PAID"
        logger.info("paid, nothing more will be sent")
        return contact
    if contact.communications:
        logger.info("already in the sequence, only its data changed")
        return contact
    try:
        due = datetime.fromisoformat(contact.params["due_date"])
    except (KeyError, ValueError) as error:
        contact.current_stage = "Needs review"
        logger.error("cannot read the due date: %s", error)
        return contact

    for stage, days in SEQUENCE:
        start = due + timedelta(days=days, hours=10)
        if start > datetime.now() or days > 0:
            start = business_hours(max(start, datetime.now()))
            break
    contact.communications.append(Communication(name="Reminder", stage_name=stage, start_date=start))
    contact.current_stage = stage
    logger.info("due on %s, begin with %r at %s", due.date(), stage, start.strftime("%a %d %b %H:%M"))
    return contact
