"""What every connector must do: the SDK's certification as a test class, for the connectors of this tree."""

from stafet_sdk.certification.pytest_kit import CertifiedConnector


class ConnectorConformance(CertifiedConnector):
    """Inherit as `Test<Agency>Conforms` and give the agency's samples."""
