"""When a customer is imported: thank for a score that is there already, else invite to the survey.

Dates and times without a zone are the contact's own local time.
"""


def daytime(moment: datetime) -> datetime:
    """The moment itself, or the next one from 9 to 20 o'clock. Private customers may be asked at the weekend too."""
    if moment.hour >= 20:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    return moment


def score_in(text: str, logger) -> int | None:
    """A score from 1 to 10, where the shop wrote one down."""
    if not text.strip():
        return None
    try:
        score = int(text)
        if not 1 <= score <= 10:
            raise ValueError("a score is from 1 to 10")
        return score
    except ValueError as error:
        logger.warning("no usable score (%s), so we ask", error)
        return None


def plan(contact: Contact, stage: str, start: datetime, logger) -> None:
    start = daytime(max(start, datetime.now()))
    contact.communications.append(Communication(name=stage[3:], stage_name=stage, start_date=start))
    contact.current_stage = stage
    logger.info("%s at %s", stage, start.strftime("%a %d %b %H:%M"))


async def run(contact: Contact, existing_contact: Contact | None, logger, **kwargs) -> Contact:
    if contact.communications:
        logger.info("asked already")
        return contact
    if not contact.email:
        contact.current_stage = "No e-mail address"
        logger.warning("there is no address to write to")
        return contact
    score = score_in(contact.params.get("score", ""), logger)
    if score is not None:
        contact.results["Score"] = score
        plan(contact, "4. Thank-you email", datetime.now(), logger)
        return contact
    try:
        delivered = datetime.fromisoformat(contact.params["delivered_on"])
    except (KeyError, ValueError) as error:
        logger.warning("cannot read the day of delivery (%s), so we ask now", error)
        delivered = datetime.now() - timedelta(days=3)
    plan(contact, "1. Survey invitation", delivered + timedelta(days=3, hours=18), logger)
    return contact
