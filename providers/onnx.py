"""What the backends on onnxruntime share: what it raises, and sessions that end in the midst of a run."""

from __future__ import annotations

from typing import Any

from providers import stopping
from providers.errors import Unavailable


def onnx_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: some twenty classes without a common base, and what Python makes of C++'s."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = [kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return (*own, RuntimeError, ValueError, MemoryError)


def missing_onnx_asr() -> Unavailable:
    return Unavailable(
        "The package onnx-asr is not installed. Run: pip install onnx-asr onnxruntime",
        error_class="missing_package",
    )


class StoppableSession:
    """An InferenceSession whose `run` can be broken off.

    Source: https://onnxruntime.ai/docs/api/python/api_summary.html (RunOptions.terminate).
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, outputs: Any, inputs: Any, options: Any = None) -> Any:
        from onnxruntime import RunOptions

        options = options or RunOptions()
        with stopping.interrupted_by(lambda: setattr(options, "terminate", True)):
            return self._session.run(outputs, inputs, options)


def make_stoppable(model: Any) -> None:
    """Every session that a model of onnx-asr holds."""
    from onnxruntime import InferenceSession

    for name, held in list(vars(model).items()):
        if isinstance(held, InferenceSession):
            setattr(model, name, StoppableSession(held))
