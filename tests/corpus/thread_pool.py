# Uses a pool of threads, and one of processes.
# outcome: ok
# contained: "denied"

import concurrent.futures


def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = "denied"
    for name in ("ThreadPoolExecutor", "ProcessPoolExecutor"):
        try:
            with getattr(concurrent.futures, name)(2) as pool:
                contact.results["out"] = str(pool.submit(max, 1, 2).result())
        except (RuntimeError, ImportError, OSError, AttributeError):
            pass
    return contact
