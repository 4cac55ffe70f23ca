"""What a stage is, what it is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy.orm import Session

from automation.models import Base, PieceRow, Status, Submission
from automation.storage import FolderStorage
from automation.toolbox import Toolbox
from providers.chain import Backend, Chain, Outcome
from providers.drafting.calls import Notebook
from providers.types import Piece

B = TypeVar("B", bound=Backend)
R = TypeVar("R")
Weight = Literal["heavy", "light"]  # which worker threads take it


@dataclass(frozen=True, slots=True)
class Codec:
    """How an answer is kept, so that a stage run again after a crash need not ask (and pay) twice."""

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


class Tools(Protocol):
    """What a stage works with: the backends, the storage, and a line to the ledger."""

    @property
    def chains(self) -> Toolbox: ...

    @property
    def storage(self) -> FolderStorage: ...

    def ask(
        self,
        chain: Chain[B],
        call: Callable[[B], R],
        *,
        neutral: Callable[[B], R] | None = None,
        request: str = "",
        codec: Codec | None = None,
    ) -> Outcome[R]:
        """Runs the chain through the gate and keeps every attempt.

        With a codec the answer is kept under `request` as soon as it is there, and found again. `neutral`
        is asked instead once a vendor has refused the content.
        """

    def drawn_before(self, sha256: str) -> bool:
        """Whether another submission has a cover of exactly these bytes."""

    def keep_piece(self, piece: Piece) -> PieceRow:
        """Saves a recognised piece at once. Raises: Cancelled when the lease was lost."""

    def notebook(self, request: str) -> Notebook:
        """Where a writer keeps its requests to a model, and finds those it has paid for."""

    def progress(self, fraction: float, note: str = "") -> None:
        """Says how far the stage is (0..1). Raises: Cancelled when the work is no longer wanted."""


@dataclass(frozen=True)
class Result:
    """What a stage gives: rows to add, columns of the submission to set, who served.

    The stage commits nothing; `advance` records it whole or not at all.
    """

    rows: tuple[Base, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    # Called last within the recording transaction: for what depends on what people did meanwhile.
    settle: Callable[[Session, Submission], None] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    takes: Status
    gives: Status
    weight: Weight
    run: Callable[[Submission, Tools], Result]


def served_by(outcome: Outcome[Any]) -> dict[str, Any]:
    """The provenance of a chain's outcome."""
    return {"backend": outcome.backend, "model": outcome.model}
