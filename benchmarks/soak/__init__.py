"""The soak: very many calls, one in ten with a fault, and what became of each. `python -m benchmarks.soak` runs it."""
