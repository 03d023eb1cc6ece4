"""The rows of the table, a module for each thing that can be at fault."""
