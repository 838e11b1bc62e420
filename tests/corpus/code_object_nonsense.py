# Makes code objects with nonsense in every field that the constructor takes.
# outcome: ok
# contained: "survived"

def run(contact, existing_contact, logger, **kwargs):
    code = (lambda a, b=1, *c, d=2, **e: a).__code__
    for change in (
        {"co_argcount": 10**6}, {"co_stacksize": 2**31 - 1}, {"co_nlocals": -1}, {"co_flags": 2**31 - 1}, {"co_code": b""},
        {"co_code": b"\x00"}, {"co_names": (1, 2)}, {"co_varnames": ()}, {"co_firstlineno": -(2**31)},
        {"co_freevars": ("x",)},
        {"co_linetable": b"\xff" * 100}, {"co_exceptiontable": b"\xff" * 100}, {"co_filename": "\ud800"}, {"co_name": ""},
    ):
        try:
            str(list(code.replace(**change).co_lines())[:5])
        except (ValueError, TypeError, OverflowError, MemoryError, UnicodeError, SystemError):
            pass
    contact.results["out"] = "survived"
    return contact
