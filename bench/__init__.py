"""Measurements, each a command: `python -m bench.speech`, `.memory`, `.line`, `.web` … See docs/bench.md."""
