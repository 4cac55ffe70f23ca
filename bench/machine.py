"""What every measurement prints: the machine, and a table."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from automation.version import VERSION


def machine() -> str:
    """One line: processor, cores, memory, load, versions, date."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    kb = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{cpu}, {cores} cores, {kb / 1024**2:.0f} GiB, load {load:.1f} at the end; "
        f"Python {platform.python_version()}, Polosa {VERSION}, {datetime.now(UTC):%Y-%m-%d}"
    )


def report(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a Markdown table and the machine under it."""
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    print(f"\n{title}\n")
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print(f"\n{machine()}")


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
