# Fills fields with text that is dangerous to databases, shells, browsers, spreadsheets and terminals.
# outcome: ok
# contained: "text is text"

NASTY = "'; DROP TABLE contacts; -- <script>alert(1)</script> $(id) `id` {{7*7}} ${jndi:ldap://x} %n%s =cmd|'/c calc'!A0"
NASTY += "\x1b[2J\x1b]0;owned\x07 \u202egnp.exe \u200b \ufeff \r\n\r\nHTTP/1.1 200 OK"


def run(contact, existing_contact, logger, **kwargs):
    contact.name = contact.email = contact.phone = contact.current_stage = NASTY
    contact.params[NASTY] = NASTY
    print(NASTY)
    logger.error(NASTY)
    contact.results["out"] = "text is text"
    return contact
