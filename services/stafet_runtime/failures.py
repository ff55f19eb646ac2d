"""How a failure is named in logs and tables: by type and place, because its text may quote a value."""


def place_of(error: BaseException) -> str:
    """Return `function:line` of where an exception was raised, or an empty text when it never was."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
