# Makes 200 requests at the same time.
# outcome: ok
# contained: "refused"

import asyncio

from stratagem import http


async def run(contact, existing_contact, logger, **kwargs):
    answers = await asyncio.gather(*(http.get(f"https://example.com/{i}") for i in range(200)), return_exceptions=True)
    if any(isinstance(answer, http.HTTPError) for answer in answers):
        contact.results["out"] = "refused"
    return contact
