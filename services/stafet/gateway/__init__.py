"""The gateway: where partners' messages come in, and where they become facts of the hub.

Decides whether a message is accepted (its connector says if it is authentic and whole; the gateway, if it is
new), and what it means: a referral, an answer, a decision, how many places there are, or nothing that can be
used. Raw messages wait here sealed to the vault; the gateway cannot open them. It alone knows which of an
agency's message ids belongs to which receipt, by which all events name a message; of an erased case it
forgets that. A document comes in two halves, the message that announces it and its file: which belong
together, and when to give up waiting.

Topics in: `stafet-inbound-v1` (message.received), `stafet-case-v1` (case.erased), `stafet-referral-v1`
(referral.routed, referral.refused).
Topics out: `stafet-inbound-v1` (message.received, message.rejected, message.settled),
`stafet-case-v1` (case.document_received), `stafet-referral-v1` (referral.submitted), `stafet-step-v1`
(step.reported), `stafet-delivery-v1` (delivery.accepted, delivery.rejected, delivery.in_progress,
delivery.completed), `stafet-identification-v1` (identification.decided,
identification.decision_reversed), `stafet-support-v1` (support.capacity_reported).
"""
