"""Key-encryption keys in a hardware security module, by PKCS#11: they never leave it.

AES-256-GCM inside the module, with nonces of ours; a wrapped key is nonce, ciphertext and tag. The keys are
the token's secret keys with the labels `stafet-kek-1`, `stafet-kek-2`, ...
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar, cast

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, PKCS11Error, Session
from pkcs11.exceptions import UserAlreadyLoggedIn

from stafet.vault.settings import VaultSettings
from stafet_runtime.vaultport import VaultUnavailableError

PREFIX: Final = "pkcs11-"
LABEL: Final = "stafet-kek-"
KEY_BITS: Final = 256
NONCE_BYTES: Final = 12
TAG_BITS: Final = 128
Result = TypeVar("Result")


class TokenKey(Protocol):
    """A key in the token, as far as it is used; the library's own types leave that out."""

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Encrypt in the token."""
        ...

    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Decrypt in the token."""
        ...

    def destroy(self) -> None:
        """Remove it from the token."""
        ...


class Pkcs11Keys:
    """`KeyProvider` on a token; a session that broke is opened anew, once for each call."""

    def __init__(self, module: str, token: str, pin: str) -> None:
        self._module = module
        self._token = token
        self._pin = pin
        self._session: Session | None = None
        self._keys: dict[str, TokenKey] = {}
        self._with_session(self._read)

    @property
    def versions(self) -> Sequence[str]:
        """Ask the token."""
        self._with_session(self._read)
        return tuple(self._keys)

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap inside the token, under the highest number."""
        if not self._keys:
            raise VaultUnavailableError(
                f"the token {self._token} has no key-encryption key: run `stafet keys rotate` to make one"
            )

        def call(_: Session) -> tuple[str, bytes]:
            version, nonce = list(self._keys)[-1], secrets.token_bytes(NONCE_BYTES)
            return version, nonce + self._keys[version].encrypt(
                key, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, context)
            )

        return self._with_session(call)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap inside the token."""
        if version not in self._keys:
            self._with_session(self._read)
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]

        def call(_: Session) -> bytes:
            return self._found(version).decrypt(
                sealed, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, context)
            )

        return self._with_session(call)

    def rotate(self) -> str:
        """Make a key in the token that it gives to nobody."""

        def call(session: Session) -> str:
            self._read(session)
            number = max(map(_number, self._keys), default=0) + 1
            session.generate_key(
                KeyType.AES,
                KEY_BITS,
                label=f"{LABEL}{number}",
                store=True,
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
            self._read(session)
            return f"{PREFIX}{number}"

        return self._with_session(call)

    def retire(self, version: str) -> None:
        """Destroy a key in the token."""

        def call(session: Session) -> None:
            self._read(session)
            self._found(version).destroy()
            self._read(session)

        self._with_session(call)

    def _found(self, version: str) -> TokenKey:
        # Asked with each session: where one broke, another process may have destroyed the key.
        if version not in self._keys:
            raise VaultUnavailableError(
                f"no key-encryption key {version} in the token {self._token}: use the token that it is in"
            )
        return self._keys[version]

    def _with_session(self, call: Callable[[Session], Result]) -> Result:
        """Call with an open session; if that fails, once more with a new one.

        Raises:
            VaultUnavailableError: it fails again. What the module says may be as little as `GeneralError`.
        """
        try:
            if self._session is not None:
                return call(self._session)
        except PKCS11Error:
            self._session = None
        try:
            if self._session is None:
                self._session = self._opened()
                self._read(self._session)
            return call(self._session)
        except PKCS11Error as error:
            what = f"the token {self._token} does not do it ({type(error).__name__})"
            raise VaultUnavailableError(
                f"{what}: check STAFET_VAULT_PKCS11_..., the module, and that its keys are this database's"
            ) from None

    def _opened(self) -> Session:
        token = pkcs11.lib(self._module).get_token(token_label=self._token)
        try:
            return token.open(rw=True, user_pin=self._pin)
        except UserAlreadyLoggedIn:
            # A login is the whole process's, so this one has shown the PIN before.
            return token.open(rw=True)

    def _read(self, session: Session) -> None:
        found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        labels = {str(each[Attribute.LABEL]): cast("TokenKey", each) for each in found}
        ours = {
            f"{PREFIX}{label.removeprefix(LABEL)}": key
            for label, key in labels.items()
            if label.startswith(LABEL) and label.removeprefix(LABEL).isdecimal()
        }
        self._keys = dict(sorted(ours.items(), key=lambda each: _number(each[0])))


def open_module(settings: VaultSettings) -> Pkcs11Keys:
    """Open the token that the settings name.

    Raises:
        VaultUnavailableError: a setting is missing, or the token does not open with it.
    """
    if settings.pkcs11_module is None or settings.pkcs11_pin is None:
        raise VaultUnavailableError("set STAFET_VAULT_PKCS11_MODULE and STAFET_VAULT_PKCS11_PIN")
    return Pkcs11Keys(
        str(settings.pkcs11_module), settings.pkcs11_token, settings.pkcs11_pin.get_secret_value()
    )


def _gcm(nonce: bytes, context: bytes) -> GCMParams:
    return GCMParams(nonce=nonce, aad=context, tag_bits=TAG_BITS)


def _number(version: str) -> int:
    return int(version.removeprefix(PREFIX))
