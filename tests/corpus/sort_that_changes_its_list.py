# Appends to a list while it is being sorted.
# outcome: Exception
# message: ValueError: list modified during sort

def run(contact, existing_contact, logger, **kwargs):
    items = list(range(100))
    items.sort(key=lambda item: items.append(item) or item)
    return contact
