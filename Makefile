# Two commands: `make run` and `make test`. Both set up what they need the first time.
.PHONY: run demo test test-light lint clean

run:
	@scripts/setup.sh run
	@exec .venv/bin/python -m automation run

demo:
	@scripts/setup.sh run
	@exec .venv/bin/python -m automation demo

test:
	@scripts/setup.sh test
	@scripts/setup.sh light
	@$(MAKE) --no-print-directory lint
	@if [ -x .venv-light/bin/python ]; then .venv-light/bin/python -m pytest -m "not slow"; fi
	@exec .venv-test/bin/python -m pytest

# The tests that need no torch, browser or PostgreSQL.
test-light:
	@scripts/setup.sh test
	@exec .venv-test/bin/python -m pytest -m "not slow"

lint:
	@.venv-test/bin/python -m ruff check --quiet .
	@.venv-test/bin/python -m ruff format --check --quiet .
	@.venv-test/bin/python -m mypy --no-error-summary

clean:
	rm -rf .venv .venv-test .venv-light build .pytest_cache .mypy_cache .ruff_cache
