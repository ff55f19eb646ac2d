"""Every folder in here is an agency. `police` is the canonical example; siblings look like it."""
