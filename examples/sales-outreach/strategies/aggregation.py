"""When a session has ended: follow up, call, nurture or finish."""

NURTURE_MAILS = 3


def business_hours(moment: datetime) -> datetime:
    """The moment itself, or the next one on Monday to Friday from 9 to 17 o'clock."""
    if moment.hour >= 17:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


def plan(contact: Contact, name: str, stage: str, wait: timedelta, logger) -> Contact:
    start = business_hours(datetime.now() + wait)
    contact.communications.append(Communication(name, stage_name=stage, start_date=start))
    contact.current_stage = stage
    logger.info("next: %r at %s", name, start.strftime("%a %d %b %H:%M"))
    return contact


def finish(contact: Contact, outcome: str, logger) -> Contact:
    contact.results["Outcome"] = outcome
    contact.communications.append(Communication("Finish", stage_name="5. Finished", start_date=datetime.now()))
    contact.current_stage = "5. Finished"
    logger.info("finished as %s", outcome)
    return contact


async def run(contact: Contact, session_results: dict | None, logger, **kwargs) -> Contact:
    flagged = next(comm for comm in contact.communications if comm.flagged)
    # A one-way message has no outcome of its own, unless it could not be sent; a conversation ends with the agent's.
    outcome = session_results.get("OutcomeStatus", "NO_RESPONSE")
    if session_results["DeliveryStatus"] in ("SENT", "DELIVERED"):
        flagged.status.status = CommunicationStatus.COMPLETED
    if outcome in ("WON", "NOT_INTERESTED", "OPTED_OUT"):
        return finish(contact, outcome, logger)
    # What a lead says counts for more than its score.
    notes = contact.internal_data
    if outcome in ("QUALIFIED", "LATER"):
        notes["qualified"] = outcome == "QUALIFIED"

    if flagged.stage_name == "1. Introduction" and notes.get("interested"):
        return plan(contact, "Follow-up", "2. WhatsApp follow-up", timedelta(days=2), logger)
    if flagged.stage_name == "2. WhatsApp follow-up" and notes.get("qualified"):
        return plan(contact, "Call", "3. Phone call", timedelta(days=1), logger)
    if flagged.stage_name == "3. Phone call":
        return finish(contact, "HANDED_TO_SALES", logger)
    notes["nurtured"] = notes.get("nurtured", 0) + 1
    if notes["nurtured"] > NURTURE_MAILS:
        return finish(contact, "NOT_READY", logger)
    return plan(contact, f"Story {notes['nurtured']}", "4. Nurture email", timedelta(days=14), logger)
