# Schedules an event for tomorrow with the sched module and waits for it.
# outcome: Exception
# message: ModuleNotFoundError

import sched


def run(contact, existing_contact, logger, **kwargs):
    scheduler = sched.scheduler()
    scheduler.enter(86_400, 1, print)
    scheduler.run()
    return contact
