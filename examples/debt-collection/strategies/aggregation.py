"""When a session has ended: WhatsApp three days after the e-mail, a reminder on the day before the promised one."""

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def day_before(name: str, now: datetime) -> datetime:
    ahead = (DAYS.index(name.lower()) - now.weekday()) % 7 or 7
    return now + timedelta(days=ahead - 1)


async def run(contact: Contact, session_results: dict | None, logger, **kwargs) -> Contact:
    flagged = next(comm for comm in contact.communications if comm.flagged)
    outcome = session_results.get("OutcomeStatus", "NO_RESPONSE")
    logger.info("%s ended as %s", flagged.stage_name, outcome)
    if flagged.stage_name == "1. Email":
        flagged.status.status = CommunicationStatus.NO_RESPONSE
        start, stage = datetime.now() + timedelta(days=3), "2. WhatsApp"
    elif outcome == "PROMISE":
        contact.results["PromisedFor"] = session_results["Day"]
        start, stage = day_before(session_results["Day"], datetime.now()), "3. Reminder"
    elif flagged.stage_name == "2. WhatsApp":
        start, stage = datetime.now() + timedelta(days=2), "3. Reminder"
    else:
        return contact
    contact.communications.append(Communication("Next", stage_name=stage, start_date=start))
    if contact.current_stage != "Payment Promised":
        contact.current_stage = stage
    return contact
