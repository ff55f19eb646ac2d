"""Why an embedded server cannot run; every message ends with what to do next."""


class EmbeddedError(Exception):
    """An embedded server or a file it needs is unavailable: shown to whoever started Stafet, then exit 1."""
