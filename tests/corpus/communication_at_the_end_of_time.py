# Plans communications in the years 1 and 9999, at offsets that lead out of the calendar.
# outcome: ok
# contained: "planned"

def run(contact, existing_contact, logger, **kwargs):
    east, west = timezone(timedelta(hours=23, minutes=59)), timezone(-timedelta(hours=23, minutes=59))
    for at in (datetime.min, datetime.max, datetime.min.replace(tzinfo=east), datetime.max.replace(tzinfo=west)):
        contact.communications.append(Communication("Hello", stage_name="Mail", start_date=at))
    contact.results["out"] = "planned"
    return contact
