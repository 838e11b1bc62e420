# Compiles a megabyte of generated source within the run.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    exec("".join(f"def f{i}(a, b): return a + b * {i}\n" for i in range(30_000)))
    return contact
