# Has the SDK's class in the place of its entry point.
# outcome: InvalidResult
# message: contact.id is read-only

run = Contact
