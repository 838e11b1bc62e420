# Puts a lone surrogate deep into results, inside a tuple in a set.
# outcome: InvalidResult
# message: lone surrogate

def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = {("a", "\ud800")}
    return contact
