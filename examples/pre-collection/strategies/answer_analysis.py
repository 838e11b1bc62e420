"""After each answer of the agent: a promise shows at once, not only when the conversation has ended."""


async def on_agent_answer(contact: Contact, message: Message, logger, **kwargs) -> Contact | None:
    contact.internal_data["last_message_time"] = datetime.now()
    if "promise to pay" in message.content.lower():
        contact.current_stage = "Payment Promised"
        logger.info("promised to pay")
    return contact
