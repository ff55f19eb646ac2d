"""What the vault decides, without I/O: one module per question."""
