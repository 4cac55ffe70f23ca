"""onnxruntime sessions that end in the midst of a run when the work is no longer wanted."""

from __future__ import annotations

from typing import Any

from providers import stopping


class StoppableSession:
    """An InferenceSession whose `run` can be broken off.

    Source: https://onnxruntime.ai/docs/api/python/api_summary.html (RunOptions.terminate).
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, outputs: Any, inputs: Any, options: Any = None) -> Any:
        from onnxruntime import RunOptions  # type: ignore[import-untyped]

        options = options or RunOptions()
        with stopping.interrupted_by(lambda: setattr(options, "terminate", True)):
            return self._session.run(outputs, inputs, options)


def make_stoppable(model: Any) -> None:
    """Every session that a model of onnx-asr holds."""
    from onnxruntime import InferenceSession

    for name, held in list(vars(model).items()):
        if isinstance(held, InferenceSession):
            setattr(model, name, StoppableSession(held))
