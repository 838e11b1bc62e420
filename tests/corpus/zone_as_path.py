# Asks for time zones whose names are paths of the host.
# outcome: ok
# contained: "denied"

import zoneinfo


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for name in ("../../etc/passwd", "/etc/localtime", "Europe/../../etc/passwd", "\ud800", "x" * 100_000, "\0"):
        try:
            zoneinfo.ZoneInfo(name)
            contact.results["out"] = f"reached {name[:20]}"
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            pass
    return contact
