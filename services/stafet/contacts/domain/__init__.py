"""What the contacts decide, without I/O."""
