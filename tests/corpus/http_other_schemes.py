# Asks for files and other protocols through the HTTP client.
# outcome: ok
# contained: "refused"

from stratagem import http

URLS = ["file:///etc/passwd", "ftp://a/", "gopher://a/", "data:,x", "unix:///run/docker.sock", "//example.com/", "http:///x"]
URLS += ["HTTP+UNIX://x/", "http:example.com", "\tfile:///etc/passwd", "", "http://[", "http://example.com:99999999/"]


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "refused"
    for url in URLS:
        try:
            http.get(url)
            contact.results["out"] = f"reached {url}"
        except http.HTTPError:
            pass
    return contact
