"""The contract of the hub: events, topics, code lists. Imports nothing of Stafet's and does no I/O."""
