"""The hotline's development files."""

from stafet_sdk.development import Development


def furnish(development: Development) -> None:
    """Write both sides' secret."""
    development.partner("hotline", "/hook", {}, {"secret": b"development-secret"})
    development.simulator("hotline", {}, {"secret": b"development-secret"})
