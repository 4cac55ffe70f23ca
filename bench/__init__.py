"""Measurements, each a command: `python -m bench.speech`, `.line`, `.web`, `.desk`. See docs/bench.md."""
