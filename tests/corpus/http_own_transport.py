# Replaces the transport of the HTTP client, and asks for the machine's own network instead of the host's.
# outcome: ok
# contained: "refused"

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    http.use(None)
    try:
        http.get("https://example.com/")
        contact.results["out"] = "reached"
    except http.HTTPError:
        contact.results["out"] = "refused"
    return contact
