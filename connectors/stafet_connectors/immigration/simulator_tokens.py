"""The immigration service's authorisation server: tokens bound to the client's TLS certificate (RFC 8705).

Issued by authlib; the client authenticates by the certificate of its connection (`tls_client_auth`). A token
is a JWT (RFC 9068) whose `cnf.x5t#S256` is the hash of that certificate: whoever steals it cannot use it.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientCredentialsGrant,
    ClientMixin,
    JsonRequest,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

LIFE_S: Final = 300
AUDIENCE: Final = "immigration"
METHOD: Final = "tls_client_auth"
ALGORITHM: Final = "ES256"
SCOPES: Final = ("immigration.referral.write", "immigration.change.read")
HASH: Final = "x5t#S256"

Answer = tuple[int, Mapping[str, Any]]


class TokenRefusedError(Exception):
    """A token that does not open anything; `code` is of `codes.py`."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def thumbprint(certificate: bytes) -> str:
    """Hash a certificate (DER) as RFC 8705 has it in `x5t#S256`."""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()


def thumbprints(pem: bytes) -> set[str]:
    """Hash every certificate of a PEM file: two stand side by side while a client changes its own."""
    return {thumbprint(each.public_bytes(Encoding.DER)) for each in x509.load_pem_x509_certificates(pem)}


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """A registered client and the hashes of its certificates."""

    id: str
    certificates: frozenset[str]

    def get_client_id(self) -> str:
        """Give its id."""
        return self.id

    def get_allowed_scope(self, scope: str | None) -> str:
        """Give what it may of what it asks for; all when it asks for nothing."""
        return " ".join(each for each in SCOPES if not scope or each in scope.split())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Say how it authenticates: by its certificate."""
        return method == METHOD and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        """Say what it may ask for: tokens of its own."""
        return grant_type == "client_credentials"


@dataclass(slots=True)
class _Asked:
    """A token request: its form, and the certificate of its connection."""

    uri: str
    form: Mapping[str, str]
    certificate: bytes


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)


class _Server(AuthorizationServer):
    """authlib's server between our HTTP and its own requests."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        super().__init__(scopes_supported=SCOPES)
        self._clients = clients
        self.register_client_auth_method(METHOD, _by_certificate)
        self.register_grant(_Grant)

    def query_client(self, client_id: str) -> Client | None:
        return self._clients.get(client_id)

    def save_token(self, token: object, request: object) -> None:
        """Keep nothing: a token proves itself."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def create_oauth2_request(self, request: _Asked) -> OAuth2Request:
        made = OAuth2Request("POST", request.uri, headers={})
        made.payload = BasicOAuth2Payload(dict(request.form))
        made.credential = thumbprint(request.certificate)
        return made

    def create_json_request(self, request: object) -> JsonRequest:
        raise NotImplementedError

    def handle_response(self, status: int, body: Mapping[str, Any], headers: object) -> Answer:
        del headers
        return status, body


def _by_certificate(query_client: Callable[[str], Client | None], request: Any) -> Client | None:  # noqa: ANN401 - authlib's own
    client = query_client(request.payload.client_id or "")
    return client if client is not None and request.credential in client.certificates else None


@dataclass
class Issuer:
    """Issues and checks tokens. `misbind` says whether a token's hash is to be another's, by its number."""

    url: str
    clients: Mapping[str, Client]
    misbind: Callable[[int], bool]
    issued: int = 0
    revoked: set[str] = field(default_factory=set[str])
    _key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    _valid: list[str] = field(default_factory=list[str])
    _bound: str = ""

    def __post_init__(self) -> None:
        """Compose authlib's server."""
        self._server = _Server(self.clients)
        self._server.register_token_generator("default", _Generator(self))

    def issue(self, form: Mapping[str, str], certificate: bytes) -> Answer:
        """Answer a token request: a token, or an error as RFC 6749 has it."""
        number = self.issued + 1
        self._bound = thumbprint(b"somebody else's" if self.misbind(number) else certificate)
        asked = _Asked(f"{self.url}/oauth/token", form, certificate)
        answer: Answer = self._server.create_token_response(asked)
        if answer[0] == 200:
            self.issued = number
        return answer

    def claims(self) -> dict[str, Any]:
        """Bind the token that is being made."""
        return {"cnf": {HASH: self._bound}}

    def key(self) -> ECKey:
        """Give the key that signs."""
        return self._key

    def noted(self, token_id: str) -> str:
        """Remember a token's id, so that it can be revoked."""
        self._valid.append(token_id)
        return token_id

    def revoke_all(self) -> None:
        """Let no token count that was issued so far."""
        self.revoked.update(self._valid)
        self._valid.clear()

    def check(self, token: str, certificate: bytes, scope: str) -> str:
        """Return the client that a token was issued to.

        Raises:
            TokenRefusedError: 40100 for one that is not valid, 40101 for another certificate's, 40300 for
                one that does not go so far.
        """
        try:
            read = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            wanted = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.url},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
            )
            wanted.validate(read.claims)
        except (JoseError, ValueError):
            raise TokenRefusedError(40100) from None
        claims = read.claims
        if read.header.get("typ") != "at+jwt" or claims.get("jti") in self.revoked:
            raise TokenRefusedError(40100)
        if claims.get("cnf", {}).get(HASH) != thumbprint(certificate):
            raise TokenRefusedError(40101)
        if scope not in str(claims.get("scope", "")).split():
            raise TokenRefusedError(40300)
        return str(claims["client_id"])


class _Generator(JWTBearerTokenGenerator):
    """authlib's tokens (RFC 9068), with our key, life and binding."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(issuer.url, alg=ALGORITHM, expires_generator=LIFE_S)
        self._issuer = issuer

    def get_jwks(self) -> ECKey:
        return self._issuer.key()

    def get_audiences(self, client: object, user: object, scope: object) -> str:
        del client, user, scope
        return AUDIENCE

    def get_extra_claims(
        self, client: object, grant_type: object, user: object, scope: object
    ) -> dict[str, Any]:
        del client, grant_type, user, scope
        return self._issuer.claims()

    def get_jti(self, client: Any, grant_type: Any, user: Any, scope: Any) -> str:  # noqa: ANN401 - authlib's own
        return self._issuer.noted(super().get_jti(client, grant_type, user, scope))


def read_clients(folder: Path) -> dict[str, Client]:
    """Read who is registered: `<client id>.pem` each.

    Raises:
        OSError: the folder cannot be read.
    """
    return {
        file.stem: Client(file.stem, frozenset(thumbprints(file.read_bytes())))
        for file in sorted(folder.iterdir())
        if file.suffix == ".pem"
    }
