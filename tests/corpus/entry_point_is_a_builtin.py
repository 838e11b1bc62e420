# Has a built-in function in the place of its entry point: one that evaluates code.
# outcome: Exception
# message: TypeError: exec()

run = exec
