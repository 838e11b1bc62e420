# Puts a lone surrogate into the contact's name: no UTF-8 text can hold it, and the boundary would abort on it.
# outcome: InvalidResult
# message: contact.name: text holds a lone surrogate

def run(contact, existing_contact, logger, **kwargs):
    contact.name = "John \ud800"
    return contact
