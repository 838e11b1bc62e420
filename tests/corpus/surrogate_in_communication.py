# Puts lone surrogates into a communication.
# outcome: InvalidResult
# message: contact.communications[0].name

def run(contact, existing_contact, logger, **kwargs):
    odd = Communication("\ud800", stage_name="\ud801", start_date=datetime.now(), start_state="\ud802", params={"\ud803": 1})
    contact.communications.append(odd)
    return contact
