# Plans a communication in a time zone that computes its offset for ever.
# outcome: FuelExhausted

from datetime import tzinfo


class Nowhere(tzinfo):
    def utcoffset(self, at):
        while True:
            pass


def run(contact, existing_contact, logger, **kwargs):
    at = datetime(2030, 1, 1, tzinfo=Nowhere())
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=at))
    return contact
