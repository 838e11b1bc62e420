# Keeps state in its own module and in the contact's defaults, hoping to meet it in the next run.
# outcome: ok
# contained: [1, 1]

SEEN = []


def run(contact, existing_contact, logger, counter=[], **kwargs):
    SEEN.append(contact.external_id)
    counter.append(contact.external_id)
    contact.results["out"] = [len(SEEN), len(counter)]
    return contact
