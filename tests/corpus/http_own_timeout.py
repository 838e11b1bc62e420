# Hands the transport a request whose time-out is a number of its own class, which becomes another after it was checked.
# outcome: ok

from stratagem import http


class Odd:
    def __round__(self):
        return self

    def __gt__(self, other):
        return other == 1


class Seconds(float):
    def __mul__(self, other):
        return Odd()


class Milliseconds:
    def __truediv__(self, other):
        return Seconds(1)


def run(contact, existing_contact, logger, **kwargs):
    try:
        http.use(None).send([http.Request("GET", "https://example.com/", timeout_ms=Milliseconds())])
    except http.HTTPError:
        contact.results["out"] = "refused"
    return contact
