"""The vault's ports on PostgreSQL and files."""
