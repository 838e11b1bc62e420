# Sends a body of 10 MB.
# outcome: ok
# contained: "refused"

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    try:
        http.post("https://example.com/", content=b"x" * 10_000_000)
    except http.HTTPError:
        contact.results["out"] = "refused"
    return contact
