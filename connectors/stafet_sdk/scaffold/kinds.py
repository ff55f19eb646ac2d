"""The transports that there are scaffolds for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stafet_sdk.doors import AT_HUB, BearerTokens, Door, SignedWebhooks
from stafet_sdk.otherdoors import PinnedServer, SignedEnvelopes


@dataclass(frozen=True, slots=True)
class Kind:
    """What a scaffold is made of; `module` has its `connector`, `keys` says what each file holds."""

    module: str
    connector: str
    simulator: str
    samples: str
    door: Door
    means: str
    authentication: str
    keys: Mapping[str, str]
    content_type: str = "application/json"


KINDS: Final[Mapping[str, Kind]] = {
    "webhook": Kind(
        "jsonconnector",
        "JsonConnector",
        "jsonsimulator.simulator",
        "jsonsamples.JsonSamples",
        SignedWebhooks(),
        "JSON over HTTPS, by webhooks that are signed both ways (Standard Webhooks)",
        "Standard Webhooks 1.0.0 with Ed25519 (v1a) both ways; TLS",
        {
            SignedWebhooks.own: "the hub's private key (`whsk_...`), by which the agency knows the hub",
            AT_HUB
            + SignedWebhooks.known: "the agency's public key (`whpk_...`), a line for each that counts",
        },
    ),
    "http-push": Kind(
        "jsonconnector",
        "JsonConnector",
        "jsonsimulator.simulator",
        "jsonsamples.JsonSamples",
        BearerTokens(),
        "JSON over HTTPS, by POST both ways, each side showing the other a token",
        "bearer tokens (RFC 6750) both ways; TLS",
        {
            BearerTokens.own: "the token that the hub shows",
            AT_HUB + BearerTokens.known: "SHA-256 (hex) of its token, a line for each that counts",
        },
    ),
    "http-poll": Kind(
        "jsonpolling",
        "JsonPolled",
        "jsonsimulator.simulator",
        "jsonsamples.JsonSamples",
        BearerTokens(),
        "JSON over HTTPS, by POST to the agency, which is asked for what it has to say",
        "a bearer token (RFC 6750) that the hub shows; TLS",
        {BearerTokens.own: "the token that the hub shows"},
    ),
    "sftp": Kind(
        "jsonfiles",
        "JsonDropped",
        "jsonfilesimulator.file_simulator",
        "jsonsamples.JsonSamples",
        PinnedServer(),
        "JSON in files over SFTP, each with a trigger file",
        "SSH keys both ways: ours to log in, the server's host keys pinned",
        {
            PinnedServer.own: "the hub's private key, by which it logs in",
            PinnedServer.known: "host keys of the agency's server, a line for each that counts",
        },
    ),
    "soap": Kind(
        "soapconnector",
        "SoapConnector",
        "soapsimulator.soap_simulator",
        "soapsamples.SoapSamples",
        SignedEnvelopes(),
        "SOAP 1.1 over HTTPS both ways, in envelopes that are signed (WS-Security)",
        "WS-Security X.509 signature over Body and Timestamp, certificates pinned; TLS",
        {
            SignedEnvelopes.own: "the hub's private key",
            "hub_certificate": "its certificate, by which the agency knows the hub",
            "partner_certificate": "the agency's certificates, one after the other while one is changed",
        },
        "text/xml",
    ),
}
