# Is a generator, which does nothing until somebody asks it.
# outcome: InvalidResult
# message: the entry point is a generator

def run(contact, existing_contact, logger, **kwargs):
    while True:
        yield contact
