# Changes the session's results to something that cannot be read, and returns them in the contact.
# outcome: InvalidResult
# message: nested deeper than 32 levels
# hook: aggregation

def run(contact, session_results, logger, session=None, **kwargs):
    session_results["self"] = session_results
    contact.results = session_results
    return contact
