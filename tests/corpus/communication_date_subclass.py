# Plans a communication at a datetime whose methods give nonsense: none of them may be called.
# outcome: ok
# contained: "planned"

class Sometime(datetime):
    def isoformat(self, *args):
        return "never; DROP TABLE contacts"

    __str__ = __repr__ = __format__ = strftime = isoformat


def run(contact, existing_contact, logger, **kwargs):
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=Sometime(2030, 1, 1)))
    contact.results["out"] = "planned"
    return contact
