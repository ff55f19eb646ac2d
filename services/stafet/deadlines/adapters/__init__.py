"""Deadlines on PostgreSQL, the clocks' file, and the task that looks at the clock."""
