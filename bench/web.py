"""What the web tier weighs: time to import `wsgi` beside a bare `import flask`, and megabytes installed."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import report

ROOT = Path(__file__).parent.parent
PROGRAMS = {"python": "pass", "import flask": "import flask", "import wsgi": "import wsgi"}


def import_times(runs: int) -> dict[str, list[float]]:
    """Seconds of whole fresh processes, taking turns, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "POLOSA_DATA": f"{folder}/data"}
        for turn in range(runs + 1):  # the first turn makes the database and is not counted
            for name, program in PROGRAMS.items():
                begun = time.perf_counter()
                subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=True)
                if turn:
                    times[name].append(time.perf_counter() - begun)
    return times


def installed_mb(target: Path) -> list[tuple[str, float]]:
    """Megabytes of every package of requirements.txt and what it needs, largest first."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, "--target", str(target), "-r", str(ROOT / "requirements.txt")], check=True)
    sizes: dict[str, int] = {}
    for path in target.rglob("*"):
        if path.is_file():
            name = path.relative_to(target).parts[0].removesuffix(".libs")
            sizes[name] = sizes.get(name, 0) + path.stat().st_size
    return sorted(((name, size / 1e6) for name, size in sizes.items()), key=lambda row: -row[1])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=11)
    asked.add_argument("--no-install", action="store_true", help="leave the install out")
    args = asked.parse_args()
    times = {name: statistics.median(values) for name, values in import_times(args.runs).items()}
    bare = times["import flask"] - times["python"]
    rows = [
        (name, f"{seconds * 1000:.0f} ms", f"{(seconds - times['python']) / bare:.1f} ×")
        for name, seconds in times.items()
    ]
    report(
        f"A fresh process, median of {args.runs}; the ratio is without the interpreter's own start",
        ("program", "time", "of bare flask"),
        rows,
    )
    if args.no_install:
        return
    with tempfile.TemporaryDirectory() as folder:
        sizes = installed_mb(Path(folder))
    total = sum(size for _, size in sizes)
    report(
        f"The web install (requirements.txt): {total:.0f} MB",
        ("package", "MB"),
        [(name, f"{size:.0f}") for name, size in sizes[:12]],
    )


if __name__ == "__main__":
    main()
