"""Alembic's entry: runs on the connection and schema that `stafet_runtime.database.migrate` passes in."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema"],
    transactional_ddl=False,
)
context.run_migrations()
