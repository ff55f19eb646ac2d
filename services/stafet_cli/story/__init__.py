"""Stories: the whole hub on real Kafka and PostgreSQL, on a clock of the story's own.

A story is a text in Gherkin that a social worker can read. `world` is the hub with the agencies around it,
`pump` moves events one round at a time, `phrases` are the sentences a story may use, `play` goes through it.
"""
