# Has a number in the place of its entry point.
# outcome: MissingFunction
# message: no function

run = 42
