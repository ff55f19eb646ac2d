"""The policy pinned in this process, before it lets anything out."""

from stafet.vault.adapters.policies import PostgresPolicies
from stafet.vault.app.session import Session
from stafet.vault.handlers.pinning import pin


async def pin_policy(session: Session) -> None:
    """Refuse to go on with a policy file that was swapped under a version already used.

    Raises:
        PolicyError: it was; the text says what to do.
        VaultUnavailableError: the database does not answer.
    """
    async with session.transaction() as unit:
        await pin(session.policy, unit.clock, policies=PostgresPolicies(unit.connection))
