# Makes a thousand requests one after the other.
# outcome: ok
# contained: "refused"

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    for i in range(1000):
        try:
            http.get(f"https://example.com/{i}")
        except http.HTTPError:
            contact.results["out"] = "refused"
    return contact
