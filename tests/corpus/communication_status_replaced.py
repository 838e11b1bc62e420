# Replaces the value of a status in the enumeration, which the runtime does not ask for a new communication.
# outcome: ok

def run(contact, existing_contact, logger, **kwargs):
    CommunicationStatus._member_map_["PLANNED"]._value_ = "paid"
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    return contact
