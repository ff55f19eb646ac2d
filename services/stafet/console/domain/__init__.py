"""Pure functions of the console: what an event says, how events hang together, and where a case stands."""
