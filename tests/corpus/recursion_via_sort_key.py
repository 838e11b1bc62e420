# Recurses through the key function of a sort, one of the hungriest paths through C.
# outcome: Exception
# message: RecursionError

def key(value):
    return sorted([value, value], key=key)


def run(contact, existing_contact, logger, **kwargs):
    return key(1)
