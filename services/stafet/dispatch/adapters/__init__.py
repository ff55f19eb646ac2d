"""Dispatch's real ports: PostgreSQL for lanes and attempts, and the worker that drives them."""
