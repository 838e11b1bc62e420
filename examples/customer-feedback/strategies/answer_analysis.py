"""After each answer of an agent: was a score given?"""

import re


async def on_agent_answer(contact: Contact, message: Message, **kwargs) -> Contact | None:
    logger = kwargs["logger"]
    contact.internal_data["last_message_time"] = datetime.now()
    found = re.search(r"\b(10|[1-9]) (?:of|out of) 10\b", message.content)
    if found:
        contact.results["Score"] = int(found[1])
        contact.current_stage = "Answered"
        logger.info("score %s of 10", found[1])
    return contact
