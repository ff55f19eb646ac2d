"""The vault: the only place that holds a person's values, and the only one that lets them out.

Decides which case a message belongs to (a random pseudonym; agency references are aliases of it) and what a
recipient may see now (default deny, by the matrix in `policy.toml`). Every release and every refusal is a
ledger row in the transaction that reads the values. Values live under one key per case and zone,
wrapped by a provider of key-encryption keys. What opens the shut cells of the matrix (consent, a duty to
notify, a legal ground) is recorded here in versions; a withdrawal comes before every release after it.

Topics in: `stafet-step-v1` (what humans say of a case: closed, taken up again, the same person or another).
Topics out: `stafet-case-v1` (all but case.document_received), `stafet-step-v1` (step.refused).
Other services call it by the port `stafet_runtime.vaultport.Vault`: in process (`app.LocalVault`) or over
HTTPS (`http`).
"""
