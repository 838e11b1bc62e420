"""After each answer of the agent: a score shows at once, so that somebody can see to a low one in time."""

import re


async def on_agent_answer(contact: Contact, message: Message, logger, **kwargs) -> Contact | None:
    contact.internal_data["last_message_time"] = datetime.now()
    heard = [said.content for said in kwargs["session"].messages if said.role == "HUMAN"]
    found = re.search(r"\b(10|[1-9])\b", heard[-1]) if heard else None
    if found:
        contact.results["Score"] = int(found[1])
        logger.info("score %s of 10", found[1])
    return contact
