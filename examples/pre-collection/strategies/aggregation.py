"""When a session has ended: go on to the next step of the sequence, or close."""

SEQUENCE = [("1. Email reminder", -7), ("2. WhatsApp message", -3), ("3. Phone call", 0), ("4. Follow-up email", 2)]
SMALL_AMOUNT = 20  # not worth a phone call


def business_hours(moment: datetime) -> datetime:
    """The moment itself, or the next one on Monday to Friday from 9 to 17 o'clock."""
    if moment.hour >= 17:
        moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    if moment.hour < 9:
        moment = moment.replace(hour=9, minute=0, second=0, microsecond=0)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


def amount(contact: Contact) -> float:
    try:
        return float(contact.params.get("amount") or 0)
    except ValueError:
        return 0


def next_step(contact: Contact, stage: str) -> tuple[str, int] | None:
    if contact.params.get("autopay") == "yes":
        return None  # told once, the rest happens by itself
    done = [name for name, _ in SEQUENCE].index(stage)
    for name, days in SEQUENCE[done + 1 :]:
        if name != "3. Phone call" or amount(contact) >= SMALL_AMOUNT:
            return name, days
    return None


def close(contact: Contact, outcome: str, logger) -> Contact:
    contact.results["Outcome"] = outcome
    contact.communications.append(Communication("Close", stage_name="5. Closed", start_date=datetime.now()))
    if outcome != "PROMISED":  # whose stage says so since the promise was made
        contact.current_stage = "5. Closed"
    logger.info("closed as %s", outcome)
    return contact


async def run(contact: Contact, session_results: dict | None, logger, **kwargs) -> Contact:
    flagged = next(comm for comm in contact.communications if comm.flagged)
    # A one-way message has no outcome of its own, unless it could not be sent; a conversation ends with the agent's.
    outcome = session_results.get("OutcomeStatus", "NO_RESPONSE")
    if session_results["DeliveryStatus"] in ("SENT", "DELIVERED"):
        flagged.status.status = CommunicationStatus.COMPLETED
    if outcome == "PROMISED":
        contact.results["PromisedFor"] = session_results["Day"]
    if outcome in ("PAID", "PROMISED", "OPTED_OUT"):
        return close(contact, outcome, logger)
    step = next_step(contact, flagged.stage_name)
    if step is None:
        return close(contact, "AUTOPAY" if contact.params.get("autopay") == "yes" else "UNPAID", logger)
    stage, days = step
    due = datetime.fromisoformat(contact.params["due_date"])
    start = business_hours(max(due + timedelta(days=days, hours=10), datetime.now() + timedelta(days=1)))
    contact.communications.append(Communication(name="Reminder", stage_name=stage, start_date=start))
    contact.current_stage = stage
    logger.info("%s, go on with %r at %s", outcome, stage, start.strftime("%a %d %b %H:%M"))
    return contact
