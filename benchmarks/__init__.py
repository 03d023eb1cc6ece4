"""What a call costs the process that makes it: the `openai` package, ceyx, and the bare transport, in one run."""
