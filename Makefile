# The two commands: `make run` and `make test`. Both do all set-up themselves.
PORT ?= 8000
PY := .venv/bin/python

.PHONY: run test test-long test-postgresql bench bench-board bench-planning lint format messages lock clean

run:
	@bin/setup run
	@exec $(PY) manage.py up --demo --port $(PORT) --follow-parent $(UP)

test:
	@bin/setup test
	@$(PY) bin/checks.py all $(TESTS)

# The long tests, all of them; `make test` has a slice of them, another with each commit.
test-long:
	@bin/setup test
	@$(PY) bin/checks.py long $(TESTS)

# Every test on PostgreSQL (out of a wheel) instead of SQLite; the part that depends on the database is in `make test`.
test-postgresql:
	@bin/setup test
	@LASTMILE_TEST_DATABASE=postgresql $(PY) bin/checks.py tests $(TESTS)

bench:
	@bin/setup test
	@for name in matrices board.day ingest; do echo "== $$name"; $(PY) -m bench.$$name || exit 1; done

# The board with 5,000 orders, 200 routes and 200 vehicles in a real browser; one table.
bench-board:
	@bin/setup test
	@$(PY) -m bench.board $(BENCH)

# The planner beside plain PyVRP, VROOM and OR-Tools, which only this target installs; it takes hours. A first look:
# `make bench-planning BENCH=--quick`. LASTMILE_DATA names the folder with the benchmark files.
bench-planning:
	@bin/setup test
	@$(PY) -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r requirements/bench.txt
	@$(PY) -m bench.planning $(BENCH)

lint:
	@bin/setup test
	@$(PY) bin/checks.py lint

format:
	@bin/setup test
	@$(PY) -m ruff check --fix-only --quiet . ; $(PY) -m ruff format .

# New words of templates and code into locale/*/LC_MESSAGES/django.po, to be translated there.
messages:
	@bin/setup test
	@$(PY) bin/messages.py collect

# The same result on every machine: all versions with their hashes, no addresses of any package server.
lock:
	@bin/setup test
	@$(PY) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	@.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.12 --group dev pyproject.toml -o requirements/dev.txt
	@.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.12 -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	@.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.12 -c requirements/dev.txt --group pyproject.toml:bench -o requirements/bench.txt
	@rm -rf .venv-lock

# Everything that was made here except the installation's own data (var/).
clean:
	rm -rf .venv .venv-lock .uv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
