# Ends the interpreter with exit().
# outcome: Exception
# message: return contact

def run(contact, existing_contact, logger, **kwargs):
    exit()
