# Plans a communication in a time zone of its own class, which raises when it is asked for its offset.
# outcome: Exception
# message: RuntimeError: no offset

from datetime import tzinfo


class Nowhere(tzinfo):
    def utcoffset(self, at):
        raise RuntimeError("no offset")


def run(contact, existing_contact, logger, **kwargs):
    at = datetime(2030, 1, 1, tzinfo=Nowhere())
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=at))
    return contact
