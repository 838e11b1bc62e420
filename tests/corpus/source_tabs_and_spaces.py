# Mixes tabs and spaces so that a block ends elsewhere than it seems.
# outcome: SyntaxError
# message: TabError

def run(contact, existing_contact, logger, **kwargs):
        if contact:
	    return None
        return contact
