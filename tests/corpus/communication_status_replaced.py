# Replaces the value of a status in the enumeration, so that the SDK writes one that does not exist.
# outcome: InvalidResult
# message: a new communication is planned

def run(contact, existing_contact, logger, **kwargs):
    CommunicationStatus._member_map_["PLANNED"]._value_ = "paid"
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    return contact
