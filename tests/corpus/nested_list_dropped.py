# Builds a list that is nested 100,000 levels deep and only lets it go.
# outcome: StackOverflow

def run(contact, existing_contact, logger, **kwargs):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    del nested
    contact.results["out"] = "dropped"
    return contact
