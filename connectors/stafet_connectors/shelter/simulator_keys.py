"""Development files of the shelters and of the hub's side of them, by the names both sides look for."""

from stafet_sdk.development import Development, identity


def furnish(development: Development) -> None:
    """Write both sides' SSH keys and identifiers."""
    ssh = development.ssh("shelter")
    both = {"sender": identity("shelter").uuid, "hub_cvr": identity("hub").cvr}
    development.partner("shelter", "", {**both, "sftp_user": "stafet"}, ssh.partner)
    development.simulator("shelter", both, ssh.simulator)
