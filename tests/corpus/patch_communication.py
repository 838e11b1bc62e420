# Replaces the methods of Communication, Status and their enumeration.
# outcome: ok

import stratagem


def run(contact, existing_contact, logger, **kwargs):
    hello = Communication("Hello", stage_name="Mail", start_date=datetime.now())
    stratagem.Status.status = property(lambda self: stratagem.CommunicationStatus.PLANNED)
    stratagem.CommunicationStatus.value = property(lambda self: "paid")
    contact.communications.append(hello)
    return contact
