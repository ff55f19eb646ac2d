# The front door. `make` lists the recipes; every one of them first makes what it needs (see scripts/setup).
# PYTHON=python3.13 chooses the interpreter of the project's own .venv; ARGS="-k vault" is handed to the command.

BIN := .venv/bin
PYTHON ?= python3
export PYTHON
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo up test check fix bench docs setup setup-dev lock

help:
	@awk -F ' ## ' '/^[a-z]+:.* ## / { split($$1, name, ":"); printf "make %-6s %s\n", name[1], $$2 }' Makefile

demo: setup ## send 200 referrals from the police to three agencies and back, and report what happened
	@$(BIN)/stafet demo --referrals 200 --seed 1 --report report.json $(ARGS)

up: setup ## start the whole hub on this machine and stay
	@$(BIN)/stafet up $(ARGS)

test: setup-dev ## run the whole test suite, on a real Kafka and a real PostgreSQL
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: setup-dev ## lint, types, import contracts, guards, freshness of generated files: all, counting failures
	@scripts/check

fix: setup-dev ## let the linter and formatter repair what they can, and write the generated files anew
	@$(BIN)/ruff check --fix . || echo "fix: the rest needs a person"
	@$(BIN)/ruff format .
	@$(BIN)/python -m stafet_cli.generate

bench: setup-dev ## measure the hub against raw Kafka clients and write bench/results.json
	@$(BIN)/python bench/run.py $(ARGS)

docs: setup-dev ## write JSON Schema, AsyncAPI and the reference pages from the code
	@$(BIN)/python -m stafet_cli.generate $(ARGS)

setup: ## only make .venv and fetch the Kafka jars: enough for demo and up
	@scripts/setup runtime

setup-dev:
	@scripts/setup dev

lock: setup-dev ## choose versions anew and write requirements/*.txt with their hashes
	@scripts/lock
