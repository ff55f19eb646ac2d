"""What deadlines decides, without I/O: how long a limit is, when a clock starts and ends, what it tells."""
