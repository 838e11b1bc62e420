"""When a lead is imported: score it and plan the introduction.

Dates and times without a zone are the contact's own local time.
"""


def business_hours(moment: datetime) -> datetime:
    """The moment itself, or the next one on Monday to Friday from 9 to 17 o'clock."""
    if moment.hour >= 17:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


def number(contact: Contact, column: str, logger) -> int:
    """A column as a number. The import keeps every value as text, and some are no numbers."""
    text = contact.params.get(column, "")
    try:
        return int(text)
    except ValueError:
        logger.warning("%s is %r, taken as 0", column, text)
        return 0


async def run(contact: Contact, existing_contact: Contact | None, logger, **kwargs) -> Contact:
    # The score decides until a conversation tells more. It is kept where the aggregation strategy finds it.
    score = number(contact, "Lead Score", logger)
    employees = number(contact, "Employees", logger)
    contact.internal_data["interested"] = score >= 50
    contact.internal_data["qualified"] = score >= 80 and employees >= 50

    if contact.communications:
        logger.info("known already, only the score changed")
    elif contact.params.get("Do not contact", "").strip().lower() == "yes":
        contact.current_stage = "Do not contact"
        contact.results["Outcome"] = "OPTED_OUT"
        logger.info("does not want to hear from us")
    elif not contact.email:
        contact.current_stage = "No e-mail address"
        logger.warning("there is no address to write to")
    else:
        start = business_hours(datetime.now() + timedelta(hours=1))
        contact.communications.append(Communication("Introduction", stage_name="1. Introduction", start_date=start))
        contact.current_stage = "1. Introduction"
        logger.info("score %d, introduction at %s", score, start.strftime("%a %d %b %H:%M"))
    return contact
