# Access tokens as JWT (RFC 9068).

from typing import Any

class JWTBearerTokenGenerator:
    def __init__(
        self,
        issuer: str,
        alg: str = ...,
        refresh_token_generator: object = None,
        expires_generator: int | None = None,
    ) -> None: ...
    def get_jti(self, client: Any, grant_type: Any, user: Any, scope: Any) -> str: ...
