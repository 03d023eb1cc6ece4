"""What an answer costs the local service, beside other simulators of the registries. `python -m benchmarks.service` measures."""
