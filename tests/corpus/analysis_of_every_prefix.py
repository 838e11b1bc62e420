# Looks at the agent's answer with a regular expression that backtracks exponentially.
# outcome: FuelExhausted
# hook: answer_analysis

import re


async def on_agent_answer(contact, message, **kwargs):
    if re.search(r"^(\w+\s?)*$", "a" * 40 + "! " + message.content):
        return contact
