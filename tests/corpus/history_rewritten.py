# Rewrites what has been said and done, and forges more, after a session.
# outcome: InvalidResult
# message: contact.communications
# hook: aggregation

def run(contact, session_results, logger, **kwargs):
    for communication in contact.communications:
        communication.__dict__.update(name="Never happened", delivery="failed", start_date=datetime(1999, 1, 1))
    contact.communications.append(Communication("Forged", stage_name="Mail", start_date=datetime.now(), id="1"))
    return contact
