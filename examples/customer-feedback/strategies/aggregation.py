"""When a session has ended: thank, remind, call or close."""

FOLLOW_UPS = {  # after which stage, what, and how much later
    "1. Survey invitation": ("2. WhatsApp reminder", timedelta(days=4)),
    "2. WhatsApp reminder": ("3. Phone call", timedelta(days=2)),
}


def daytime(moment: datetime) -> datetime:
    """The moment itself, or the next one from 9 to 20 o'clock. Private customers may be asked at the weekend too."""
    if moment.hour >= 20:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    return moment


def plan(contact: Contact, stage: str, start: datetime, logger) -> Contact:
    contact.communications.append(Communication(name=stage[3:], stage_name=stage, start_date=start))
    contact.current_stage = stage
    logger.info("%s at %s", stage, start.strftime("%a %d %b %H:%M"))
    return contact


def close(contact: Contact, outcome: str, logger) -> Contact:
    contact.results["Outcome"] = outcome
    return plan(contact, "5. Closed", datetime.now(), logger)


async def run(contact: Contact, session_results: dict | None, logger, **kwargs) -> Contact:
    flagged = next(comm for comm in contact.communications if comm.flagged)
    if session_results["DeliveryStatus"] in ("SENT", "DELIVERED"):
        flagged.status.status = CommunicationStatus.COMPLETED
    if flagged.stage_name == "4. Thank-you email":
        unhappy = contact.results.get("Score", 10) < 5
        return close(contact, "CALL_BACK" if unhappy else "ANSWERED", logger)

    # A one-way message has no outcome of its own, unless it could not be sent; a conversation ends with the agent's.
    outcome = session_results.get("OutcomeStatus", "NO_RESPONSE")
    if outcome == "ANSWERED":
        contact.results["Score"] = int(session_results["Score"])
        return plan(contact, "4. Thank-you email", daytime(datetime.now() + timedelta(hours=1)), logger)
    if outcome in ("DECLINED", "OPTED_OUT") or flagged.stage_name not in FOLLOW_UPS:
        return close(contact, outcome, logger)

    stage, wait = FOLLOW_UPS[flagged.stage_name]
    vip = contact.params.get("vip", "").strip().lower() == "yes"
    if stage == "3. Phone call" and not vip:
        return close(contact, outcome, logger)
    return plan(contact, stage, daytime(datetime.now() + wait), logger)
