"""Faults on order: what goes wrong between a client and a provider, made to happen on the wire by name.

`catalogue.py` is the list. A request picks a fault by its header, a deployment or a scenario file picks one for it
(`triggers.py`), the middleware has it done. How faults are done is in a module for each layer they are of.
"""
