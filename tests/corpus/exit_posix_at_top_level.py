# Ends the process with success while it is loaded.
# outcome: Trap

import posix

posix._exit(0)
