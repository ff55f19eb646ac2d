"""The vault composed: one module per way in, all on the same session."""
