"""Bulk: what a row costs, what is lost and repeated, and how a limit is kept: ceyx, and what people use otherwise, in one run."""
