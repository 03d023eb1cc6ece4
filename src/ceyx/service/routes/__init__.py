"""One module for each group of paths: an answer of the engine in, the wire format out."""
