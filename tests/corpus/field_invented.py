# Adds a field that contacts do not have, past the SDK's refusal.
# outcome: ok
# contained: "ignored"

def run(contact, existing_contact, logger, **kwargs):
    contact.__dict__.update(is_admin=True, tenant_id="another", communications_total=2**31)
    contact.results["out"] = "ignored"
    return contact
