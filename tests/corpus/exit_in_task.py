# Ends the interpreter from a task that nobody awaits.
# outcome: Exception
# message: SystemExit

import asyncio


async def stop():
    raise SystemExit(1)


async def run(contact, existing_contact, logger, **kwargs):
    task = asyncio.create_task(stop())
    await asyncio.sleep(0)
    contact.results["task"] = repr(task)
    return contact
