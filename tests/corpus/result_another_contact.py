# Returns a contact of its own making, with somebody else's ids.
# outcome: InvalidResult
# message: is read-only and was changed

def run(contact, existing_contact, logger, **kwargs):
    return Contact(id="0192f0c1-2345-7abc-8def-0123456789ab", object_id="OTHER", external_id="SOMEBODY", name="Else")
