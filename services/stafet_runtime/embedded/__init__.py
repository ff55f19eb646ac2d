"""The real Kafka broker and PostgreSQL server on one machine: no container engine, nothing installed."""

from stafet_runtime.embedded.kafka import KafkaServer, embedded_kafka
from stafet_runtime.embedded.postgres import PostgresServer, embedded_postgres

__all__ = ["KafkaServer", "PostgresServer", "embedded_kafka", "embedded_postgres"]
