"""What every service stands on: broker, inbox, outbox, settings, logs, traces, health, embedded servers."""
