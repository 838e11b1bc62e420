# Asks the event loop for file descriptors, signals, servers and processes.
# outcome: ok
# contained: "denied"

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    loop = asyncio.get_running_loop()
    contact.results["out"] = "denied"
    for attempt in (lambda: loop.add_reader(0, print), lambda: loop.add_signal_handler(2, print)):
        try:
            attempt()
            contact.results["out"] = "reached"
        except NotImplementedError:
            pass
    for attempt in (
        lambda: asyncio.create_subprocess_shell("id"),
        lambda: asyncio.start_server(print, "0.0.0.0", 80),
        lambda: loop.connect_read_pipe(asyncio.Protocol, None),
    ):
        try:
            await attempt()
            contact.results["out"] = "reached"
        except (NotImplementedError, OSError):
            pass
    return contact
