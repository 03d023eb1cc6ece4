"""The verbs: one module for each group of endpoints, named as their nouns in `ceyx.types`."""
