# Two commands: `make run` starts a clinic on an empty machine, `make test` checks the whole project.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

# Runs one tool and says how long it took; the first that fails ends the run.
define step
@echo "== $(1)"; began=$$(date +%s); $(2) && echo "== $(1): $$(( $$(date +%s) - began )) s"
endef

.PHONY: run test test-all lint environment

run:
	@$(PYTHON) fhirsite/bootstrap.py requirements.txt
	@exec $(BIN)/python manage.py up

test: lint
	$(call step,pytest,$(BIN)/python -m pytest)

# With the long forms.
test-all: lint
	$(call step,pytest,$(BIN)/python -m pytest -m "")

lint: environment
	$(call step,ruff check,$(BIN)/ruff check --quiet)
	$(call step,ruff format,$(BIN)/ruff format --quiet --check)
	$(call step,mypy,$(BIN)/python -m mypy)
	$(call step,import contracts,$(BIN)/python -c "from importlinter.cli import lint_imports_command as lint; lint()")

environment:
	@$(PYTHON) fhirsite/bootstrap.py requirements-dev.txt
