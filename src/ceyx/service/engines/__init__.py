"""What answers: an engine takes a checked body and gives answers, and knows nothing of HTTP."""
