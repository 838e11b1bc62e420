# Changes the frozen objects that describe the session and the campaign.
# outcome: ok
# contained: "changed here only"
# hook: aggregation

def run(contact, session_results, logger, session, campaign, **kwargs):
    object.__setattr__(session, "messages", None)
    object.__setattr__(campaign, "id", "another")
    object.__setattr__(campaign, "stages", [])
    contact.results["out"] = "changed here only"
    return contact
