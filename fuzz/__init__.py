"""Fuzz targets: what comes off the network, however broken, leaves ceyx as an answer or as an error of ceyx, and nothing else.

`python -m fuzz` searches; `tests/properties/test_properties_corpora.py` runs the inputs in `corpus/` with every test run.
"""
