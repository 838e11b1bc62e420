# Never comes to a decision after a session.
# outcome: FuelExhausted
# hook: aggregation

async def run(contact, session_results, logger, **kwargs):
    while "OutcomeStatus" not in kwargs:
        pass
    return contact
