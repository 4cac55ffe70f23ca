"""The version: the first heading of CHANGELOG.md says the same (tests/test_packaging.py)."""

VERSION = "0.1.0"
