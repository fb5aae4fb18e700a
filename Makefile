# `make up` and `make test` need Python 3.12 or newer, and nothing else.

PORT ?= 8000
ROWS ?= 100000
NAME ?= import
ARGS ?=
PYTHON := .venv/bin/python
STAMP := .venv/.installed
TEST_ENVIRONMENT := env -u DATABASE_URL -u REDIS_URL -u KITH_EMBEDDED KITH_DATA_DIR=$(CURDIR)/.test-data KITH_EMBEDDED_FSYNC=off

.PHONY: up install test check bench lock

up: $(STAMP)
	@$(PYTHON) manage.py up --port $(PORT) $(ARGS)

install: $(STAMP)

# One that really runs: pyenv's shims exist for versions that are not installed.
$(STAMP): requirements.lock
	@for candidate in python3.14 python3.13 python3.12 python3 python; do \
		if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Kith needs Python 3.12 or newer with its venv module, and none of python3.14, python3.13, python3.12, python3 is one." >&2; \
		echo "Install it (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13), then run make again." >&2; \
		exit 1; \
	fi; \
	if ! $(PYTHON) -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then \
		echo "Making .venv with $$found…"; rm -rf .venv && $$found -m venv .venv || exit 1; \
	fi
	@echo "Installing requirements.lock…"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@touch $(STAMP)

# Two processes: each has a database and a Redis number of its own. The servers are stopped whatever happens.
test: $(STAMP)
	@$(TEST_ENVIRONMENT) $(PYTHON) -m pytest -n 2 $(ARGS); status=$$?; \
	$(TEST_ENVIRONMENT) $(PYTHON) manage.py embedded stop >/dev/null || status=1; \
	exit $$status

check: $(STAMP)
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy .
	.venv/bin/lint-imports
	$(TEST_ENVIRONMENT) BEHIND_TLS=true $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(TEST_ENVIRONMENT) $(PYTHON) manage.py makemigrations --check --dry-run
	$(TEST_ENVIRONMENT) $(PYTHON) manage.py lintmigrations --settings config.lint_settings

bench: $(STAMP)
	@$(PYTHON) -m benchmarks $(NAME) --rows $(ROWS) $(ARGS)

lock: $(STAMP)
	$(PYTHON) -m uv pip compile --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements-dev.in -o requirements.lock
