# Returns texts and numbers of subclasses whose methods loop, raise and lie: none of them may be called.
# outcome: ok
# contained: ["text", 1, 1.5, [1]]

def forever(self, *args):
    while True:
        pass


def hostile(base):
    names = "__str__ __repr__ __len__ __iter__ __int__ __index__ __float__ __eq__ __contains__ __bool__ encode isascii"
    return type("Hostile", (base,), {name: forever for name in names.split()} | {"__hash__": base.__hash__})


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = [hostile(str)("text"), hostile(int)(1), hostile(float)(1.5), hostile(list)([1])]
    return contact
