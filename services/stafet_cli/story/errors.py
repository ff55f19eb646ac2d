"""What can go wrong in a story, told with the line it stands in."""


class StoryError(Exception):
    """The story cannot go on, or something in it is not as it says."""


def check(holds: object, otherwise: str) -> None:
    """Go on if it holds.

    Raises:
        StoryError: it does not; `otherwise` says what is so instead.
    """
    if not holds:
        raise StoryError(otherwise)
