"""What the service does on each event: look up, decide, keep the state, tell what follows."""
