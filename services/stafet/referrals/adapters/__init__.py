"""The real ports of referrals: PostgreSQL, and the routing rules' file."""
