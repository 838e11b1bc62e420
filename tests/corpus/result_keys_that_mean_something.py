# Returns dictionaries that look like the boundary's own tags.
# outcome: ok
# contained: "stayed what they are"

def run(contact, existing_contact, logger, **kwargs):
    contact.params["a"] = {"$": "datetime", "v": "never"}
    contact.params["b"] = {"$": "dict", "v": [[1]]}
    contact.params["c"] = {"__proto__": {"admin": True}, "constructor": None}
    contact.results["out"] = "stayed what they are"
    return contact
