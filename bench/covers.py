"""1,000 covers with two worker processes that are killed again and again, while the vendors misbehave.

And what the gate itself costs: a visit of a healthy backend, beside the same call without a gate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from automation.db import Database
from automation.gates import KeptGate
from bench.machine import p95, report
from providers.budgets import parse_budgets, parse_prices
from providers.gate import Rules
from tests.processes.covers_under_fire import run

VISITS = 500


def under_fire(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL") if name in os.environ}
        figures = run({**env, "POLOSA_DATA": folder, "SAMPLE_INTERVIEW": "0"}, count)
    report(f"{count} covers under fire", ("what", "figure"), figures.rows())


def gate_alone() -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'gate.db'}")
        db.migrate()
        rules = Rules(budgets=parse_budgets("openai=$1000/month"), prices=parse_prices("openai=0.02"))
        took = [_visit(KeptGate(db, rules, lambda: datetime.now(UTC))) for _ in range(VISITS)]
        db.close()
    rows = [("a call through the gate", f"{statistics.median(took):.1f} ms", f"{p95(took):.1f} ms")]
    report(f"The gate alone, SQLite, {VISITS} visits", ("what", "median", "p95"), rows)


def _visit(gate: KeptGate) -> float:
    begun = time.perf_counter()
    with gate.visit("covers.openai", "OpenAI", again=False) as visit:
        visit.cost_micro_usd("m")
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--covers", type=int, default=1000)
    under_fire(asked.parse_args().covers)
    gate_alone()


if __name__ == "__main__":
    main()
