# Hides what it does with bidirectional control characters: a reviewer's editor shows the return inside the comment.
# outcome: ok
# contained: "hidden"

def run(contact, existing_contact, logger, **kwargs):
    """Checks the contact‮ ⁦. ⁩⁦then returns"""
    contact.results["out"] = "hidden"  # ‮ tsil eht ni eno si ereht fi ⁦ only if ⁩
    return contact
