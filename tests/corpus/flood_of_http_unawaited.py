# Makes hundreds of requests that nobody awaits, which the runtime sends and reports at the end.
# outcome: ok
# contained: "returned"

from stratagem import http


async def run(contact, existing_contact, logger, **kwargs):
    for i in range(500):
        http.get(f"https://example.com/{i}")
    contact.results["out"] = "returned"
    return contact
