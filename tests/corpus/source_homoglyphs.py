# Uses names that look alike: Cyrillic and full-width letters.
# outcome: ok
# contained: ["latin", "cyrillic"]

def run(contact, existing_contact, logger, **kwargs):
    scope, sсope = "latin", "cyrillic"
    # Full-width letters are normalised: this is the plain `contact`.
    ｃｏｎｔａｃｔ.results["out"] = [scope, sсope]
    return contact
