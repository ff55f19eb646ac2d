"""The `stafet` command: composes services into a hub, and the tools of operators and developers."""
