"""One attempt to deliver: send, look up what an answer leaves open, judge."""

from stafet_sdk.contract import Connector, LooksUp, Outbound, Partner
from stafet_sdk.transport import Push


async def deliver(outbound: Outbound, partner: Partner, *, connector: Connector, push: Push) -> str | None:
    """Bring a message to a partner; return if it took it, now or at an attempt before.

    What is returned is the code of a warning with which it did, if any.

    Raises:
        DeliveryError: it did not, or nobody knows; the subclass says what happens next.
    """
    reply = await push.send(outbound, partner)
    if isinstance(connector, LooksUp):
        question = connector.look_up(reply, outbound, partner)
        if question is not None:
            reply = await push.send(question, partner)
    return connector.read_reply(reply, partner)
