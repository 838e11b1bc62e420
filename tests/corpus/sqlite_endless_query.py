# Runs an endless query in SQLite, in C alone.
# outcome: FuelExhausted

import _sqlite3


def run(contact, existing_contact, logger, **kwargs):
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    contact.results["x"] = _sqlite3.connect(":memory:").execute(query).fetchone()
    return contact
