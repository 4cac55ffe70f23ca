"""Who speaks when without any model: cepstra and pitch, whitened, clustered. For two or three clear voices.

It needs no download and no token, so there is always an answer; an editor corrects it. Where voices are
alike or speak at once, pyannote is far better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import silhouette_score

from providers import audio
from providers.diarization.voices import Frames, frames_of
from providers.notes import Note
from providers.types import Turn

SETTINGS: tuple[tuple[str, str, str], ...] = ()

TELLING = Note("Telling the voices apart")
FRAMES_PER_S = 100
WINDOW, HOP = 150, 75  # frames: 1.5 s, every 0.75 s
GAP, SHORTEST_SPEECH = 30, 20  # frames: shorter silences are bridged, shorter noises dropped
LOUD_DB, FLOOR_DB = 35.0, 8.0  # speech is at most so far below the loudest, at least so far above the floor
MOST_SPEAKERS = 6
MOST_CLUSTERED = 1500  # windows; the clustering holds the square of it (18 MB)
PITCH_WEIGHT = 3.0  # copies of the pitch beside 19 cepstra
# Silhouette below which two groups are one voice's moods. Measured on espeak-ng voices: one voice falls apart
# with 0.13–0.38, a man and a woman with 0.47–0.85; a few windows score higher by chance. Another split must
# be clearer.
SPLIT_SCORE, SPLIT_CHANCE, SPLIT_AGAIN = 0.39, 0.6, 0.06
SMALLEST_SHARE = 0.05  # of the windows; less is a cough or a jingle, not a speaker
AXES = 8  # principal ones a group is split along
# Of changing the speaker in mid-phrase, in squared whitened distance; at a pause it is a third.
SWITCH_COST = 12.0
MERGE_GAP_S = 0.5  # pauses inside one person's turn

Region = tuple[int, int]  # frames from, to
Matrix = NDArray[np.float64]


class Baseline:
    """Spectral features and agglomerative clustering."""

    name = "baseline"
    model = "spectral baseline"
    is_weaker = True

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls()

    def turns(
        self,
        media: Path,
        *,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        progress: Callable[[float, str], None] = lambda fraction, note: None,
    ) -> list[Turn]:
        """Raises: InputRejected."""
        with closing(audio.stream(media)) as blocks:
            frames = frames_of(blocks)
        progress(0.8, TELLING)
        turns = diarize(frames, min_speakers or 1, max_speakers or MOST_SPEAKERS)
        progress(1.0, TELLING)
        return turns


def diarize(frames: Frames, least: int, most: int) -> list[Turn]:
    """Turns of `least` to `most` speakers; SPEAKER_00 speaks first."""
    windows = [window for region in speech_regions(frames.level_db) for window in _windows(region)]
    if not windows:
        return []
    vectors = _whiten(_vectors(frames, windows), windows)
    step = -(-len(vectors) // MOST_CLUSTERED)
    labels = _cluster(vectors[::step], least, most)
    centres = np.array([vectors[::step][labels == k].mean(axis=0) for k in range(labels.max() + 1)])
    labels = _smooth(vectors, centres, windows)
    return _turns(windows, labels)


def speech_regions(level_db: NDArray[np.float32]) -> list[Region]:
    """Where it is loud: bridged over short silences, without short noises."""
    if not level_db.size:
        return []
    floor, loud = np.percentile(level_db, [5, 95])
    threshold = min(max(loud - LOUD_DB, floor + FLOOR_DB), loud - 6.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level_db > max(threshold, -70.0), [0]])))
    regions: list[Region] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if regions and start - regions[-1][1] < GAP:
            regions[-1] = (regions[-1][0], end)
        else:
            regions.append((start, end))
    return [(start, end) for start, end in regions if end - start >= SHORTEST_SPEECH]


def _windows(region: Region) -> list[Region]:
    """1.5 s every 0.75 s; a short region is one window, the last window reaches the region's end."""
    start, end = region
    count = max(1, round((end - start - WINDOW) / HOP) + 1)
    starts = np.linspace(start, max(start, end - WINDOW), count).round().astype(int)
    return [(int(s), min(int(s) + WINDOW, end)) for s in starts]


def _vectors(frames: Frames, windows: list[Region]) -> Matrix:
    """(n, 19 + 1 + 19): mean cepstra without loudness, pitch, spread of the cepstra; of the voiced frames."""
    known = np.nanmedian(frames.pitch) if np.isfinite(frames.pitch).any() else 0.0
    rows = []
    for start, end in windows:
        pitch = frames.pitch[start:end]
        voiced = np.isfinite(pitch)
        cepstra = frames.cepstra[start:end, 1:].astype(np.float64)
        used = cepstra[voiced] if voiced.sum() >= 10 else cepstra
        middle = np.median(pitch[voiced]) if voiced.sum() >= 10 else known
        rows.append(np.concatenate([used.mean(axis=0), [middle], used.std(axis=0)]))
    return np.array(rows)


def _whiten(vectors: Matrix, windows: list[Region]) -> Matrix:
    """Divides by how much one voice varies: neighbours in time are almost always the same person.

    So a lone voice stays one cloud of unit size, and two voices stand several units apart. Source:
    within-class covariance normalisation, Hatch et al., Interspeech 2006.
    """
    typical = np.maximum(vectors.std(axis=0), 1e-6)
    steps = vectors[2:] - vectors[:-2] if len(vectors) >= 4 else typical[None]
    near = np.array(
        [later[0] - earlier[1] < GAP for earlier, later in zip(windows, windows[2:], strict=False)]
    )
    steps = steps[near] if near.sum() >= 10 else steps
    spread = np.median(np.abs(steps), axis=0) * 1.4826 / np.sqrt(2)
    scaled = (vectors - vectors.mean(axis=0)) / np.maximum(spread, 0.2 * typical)
    scaled[:, 19] *= PITCH_WEIGHT
    scaled[:, 20:] *= 0.5
    return np.asarray(scaled, dtype=np.float64)


def _cluster(vectors: Matrix, least: int, most: int) -> NDArray[np.int64]:
    """Splits the group that splits best, as long as it is clearly two voices (or `least` asks for it)."""
    labels = np.zeros(len(vectors), np.int64)
    smallest = max(2, round(SMALLEST_SHARE * len(vectors)))
    for count in range(1, most):
        halves = [(*_halves(vectors[labels == k], smallest), k) for k in range(count)]
        score, upper, k = max(halves, key=lambda half: half[0])
        needed = SPLIT_SCORE + SPLIT_CHANCE / len(upper) + (SPLIT_AGAIN if count > 1 else 0.0)
        if score < (needed if count >= least else -1.0):
            break
        labels[np.flatnonzero(labels == k)[upper]] = count
    return labels


def _halves(vectors: Matrix, smallest: int) -> tuple[float, NDArray[np.bool_]]:
    """How clearly a group falls in two (silhouette, −1..1), and who is in the second half."""
    nobody = np.zeros(len(vectors), np.bool_)
    if len(vectors) < 2:
        return -2.0, nobody
    if len(vectors) == 2:
        return -1.0, np.array([False, True])
    _, _, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    projected = vectors @ axes[:AXES].T
    upper = AgglomerativeClustering(n_clusters=2, linkage="ward").fit_predict(projected) == 1
    if min(upper.sum(), (~upper).sum()) < smallest:
        return -1.0, upper
    return float(silhouette_score(projected, upper)), upper


def _smooth(vectors: Matrix, centres: Matrix, windows: list[Region]) -> NDArray[np.int64]:
    """The cheapest path (Viterbi): near the voice's centre, few changes, changes at pauses."""
    costs = ((vectors[:, None, :] - centres) ** 2).sum(axis=2)
    change = SWITCH_COST * (1 - np.eye(len(centres)))
    back = np.zeros(costs.shape, np.int64)
    total = costs[0]
    for i in range(1, len(costs)):
        paused = windows[i][0] - windows[i - 1][1] >= 0
        ways = total[:, None] + (change / 3 if paused else change)
        back[i] = ways.argmin(axis=0)
        total = ways.min(axis=0) + costs[i]
    path = [int(total.argmin())]
    for i in range(len(costs) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return np.array(path[::-1])


def _turns(windows: list[Region], labels: NDArray[np.int64]) -> list[Turn]:
    """Windows of one speaker joined; where two overlap, the border is half-way."""
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for i, ((start, end), label) in enumerate(zip(windows, labels.tolist(), strict=True)):
        begin_s = max(start, (start + windows[i - 1][1]) / 2 if i and windows[i - 1][1] > start else start)
        begin_s, end_s = begin_s / FRAMES_PER_S, end / FRAMES_PER_S
        speaker = names.setdefault(label, f"SPEAKER_{len(names):02d}")
        last = turns[-1] if turns else None
        if last and last.speaker == speaker and begin_s - last.end_s < MERGE_GAP_S:
            turns[-1] = Turn(last.start_s, end_s, speaker)
            continue
        if last and last.end_s > begin_s:
            turns[-1] = Turn(last.start_s, begin_s, last.speaker)
        turns.append(Turn(begin_s, end_s, speaker))
    return turns
