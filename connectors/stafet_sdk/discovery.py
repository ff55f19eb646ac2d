"""Find connectors by entry point, so that a private one outside this repository is an equal citizen."""

from importlib.metadata import entry_points

from stafet_sdk.contract import Connector

GROUP = "stafet.connectors"


def connectors() -> dict[str, Connector]:
    """Load every installed connector, by agency.

    Raises:
        TypeError: an entry point does not offer a Connector, or under another name than its agency.
    """
    found: dict[str, Connector] = {}
    for point in entry_points(group=GROUP):
        loaded = point.load()
        if not isinstance(loaded, Connector) or loaded.manifest.agency != point.name:
            raise TypeError(f"entry point {point.name} in {GROUP} is not the connector of that agency")
        found[point.name] = loaded
    return found
