"""What the vault's handlers need from outside: stores of one transaction, and keys."""
