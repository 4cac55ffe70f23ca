"""Measurements, each a command: `python -m bench.speech`, `.memory`, `.recordings` … See docs/bench.md."""
