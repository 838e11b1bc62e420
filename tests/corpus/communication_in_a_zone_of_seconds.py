# Plans a communication at an offset of seconds and microseconds, which ISO 8601 cannot write.
# outcome: ok
# contained: "planned"

def run(contact, existing_contact, logger, **kwargs):
    odd = timezone(timedelta(hours=1, seconds=7, microseconds=9))
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime(2030, 1, 1, tzinfo=odd)))
    contact.params["at"] = datetime(1, 1, 1, tzinfo=odd)
    contact.results["out"] = "planned"
    return contact
