"""After each answer of the agent: what the lead wants shows at once, not only when the conversation has ended."""


async def on_agent_answer(contact: Contact, message: Message, logger, **kwargs) -> Contact | None:
    text = message.content.lower()
    contact.internal_data["last_message_time"] = datetime.now()
    if "not interested" in text:
        contact.current_stage = "Not Interested"
        logger.info("not interested")
    elif "will call you" in text:
        contact.current_stage = "Qualified"
        logger.info("qualified by the conversation")
    elif "book a demo" in text:
        contact.current_stage = "Demo Booked"
        logger.info("a demo is booked")
    return contact
