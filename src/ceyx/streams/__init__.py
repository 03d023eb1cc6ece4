"""Streamed answers made of their pieces: what they amount to, and the events that tell of it.

`chat` and `responses` have what `client.chat.completions.stream()` and `client.responses.stream()` give, and the state machines
below them, which do no I/O.
"""
