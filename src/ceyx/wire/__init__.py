"""The protocol without the network: what is asked, how answers are read, when to try again. No sockets, clocks or threads."""
