"""After each answer of an agent: has the customer promised to pay?"""

PROMISES = ("promise to pay", "will pay", "pay tomorrow", "pay today")


async def on_agent_answer(contact: Contact, message: Message, **kwargs) -> Contact | None:
    logger = kwargs["logger"]
    contact.internal_data["last_message_time"] = datetime.now()
    if any(promise in message.content.lower() for promise in PROMISES):
        contact.current_stage = "Payment Promised"
        contact.results["PromisedOn"] = datetime.now().date().isoformat()
        logger.info("promised to pay")
    return contact
