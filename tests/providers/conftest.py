"""Tests of packages that the light set does not install are not even imported there."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("gigaam") else ["test_speech_torch.py"]
