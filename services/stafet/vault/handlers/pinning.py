"""Pin: a version of the policy has one text for ever, because the ledger names the version alone."""

from stafet.vault.policy import Policy, PolicyError
from stafet.vault.ports.policies import Policies
from stafet_runtime.clock import Clock


async def pin(policy: Policy, clock: Clock, *, policies: Policies) -> None:
    """Record the policy, or find it as it was recorded.

    Raises:
        PolicyError: this version was used with another text.
    """
    if await policies.record(policy.version, policy.digest, clock.now()) != policy.digest:
        raise PolicyError(
            f"the policy file says version {policy.version}, which this vault has used with another text: "
            "put the old file back, or give the new one its own version and review it: `stafet policy diff`"
        )
