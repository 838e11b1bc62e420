# Answers with True in place of a contact.
# outcome: InvalidResult
# message: a value of type bool
# hook: answer_analysis

async def on_agent_answer(contact, message, **kwargs):
    return True
