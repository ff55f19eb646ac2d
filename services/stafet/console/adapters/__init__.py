"""The console's real ports: PostgreSQL for steps and cases, LISTEN/NOTIFY for changes."""
