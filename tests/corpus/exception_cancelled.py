# Raises the exception that means a task was cancelled.
# outcome: Exception
# message: CancelledError

import asyncio


async def run(contact, existing_contact, logger, **kwargs):
    raise asyncio.CancelledError("not really")
