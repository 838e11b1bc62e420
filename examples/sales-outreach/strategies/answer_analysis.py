"""After each answer of an agent: does the lead want to be called, or left alone?"""


async def on_agent_answer(contact: Contact, message: Message, **kwargs) -> Contact | None:
    logger = kwargs["logger"]
    text = message.content.lower()
    contact.internal_data["last_message_time"] = datetime.now()
    if "not interested" in text:
        contact.internal_data["interested"] = contact.internal_data["qualified"] = False
        contact.current_stage = "Not Interested"
        logger.info("not interested")
    elif "book a demo" in text or "call you" in text:
        contact.internal_data["qualified"] = True
        contact.current_stage = "Qualified"
        logger.info("qualified by the conversation")
    return contact
