# Hands the transport a request whose method is a text of its own class, which becomes another after it was checked.
# outcome: ok

from stratagem import http


class Method(str):
    def upper(self):
        return "\ud800"


def run(contact, existing_contact, logger, **kwargs):
    try:
        http.use(None).send([http.Request(Method("GET"), "https://example.com/")])
    except http.HTTPError:
        contact.results["out"] = "refused"
    return contact
