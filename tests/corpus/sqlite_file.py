# Opens files with the SQLite library that is built into the interpreter.
# outcome: ok
# contained: "denied"

import _sqlite3


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for path in ("/tmp/left_behind.db", "left_behind.db", "/etc/passwd"):
        try:
            _sqlite3.connect(path)
            contact.results["out"] = f"opened {path}"
        except _sqlite3.OperationalError:
            pass
    database = _sqlite3.connect(":memory:")
    for statement in ("ATTACH '/tmp/left_behind.db' AS other", "VACUUM INTO '/tmp/left_behind.db'"):
        try:
            database.execute(statement)
            contact.results["out"] = statement
        except _sqlite3.OperationalError:
            pass
    return contact
