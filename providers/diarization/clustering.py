"""Voices of many windows → people: whose vectors lie together are one person.

The recipe and its numbers are pyannote's for the same two models, tuned on thousands of recordings.
Source: pyannote/speaker-diarization-3.1 `config.yaml` (centroid linkage, threshold 0.7046, 12 windows or more
a person at a step of 1 s), pyannote.audio 3.1 `pipelines/clustering.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]

THRESHOLD = 0.7046  # distance between the centres of two people, of vectors of length 1
SMALLEST, SMALLEST_SHARE = 5, 0.1  # windows a person is heard in; at most this share of them is asked for
MOST_CLUSTERED = 2000  # vectors: the tree needs the square of it (32 MB)


def people_of(vectors: Vectors, least: int, most: int, threshold: float = THRESHOLD) -> Vectors:
    """The centres (people, size), `least` to `most` of them, of vectors (n, size)."""
    unit = normalised(vectors[:: -(-len(vectors) // MOST_CLUSTERED)] if len(vectors) else vectors)
    labels = _labels(unit, least, most, threshold)
    return normalised(np.stack([unit[labels == k].mean(axis=0) for k in np.unique(labels)]))


def assigned(vectors: Vectors, centres: Vectors, windows: Sequence[int]) -> Labels:
    """Who each vector is: the nearest person, but two voices of one window are two people while they last."""
    near = normalised(vectors) @ centres.T
    labels = near.argmax(axis=1)
    for number in np.unique(windows):
        rows = np.flatnonzero(np.asarray(windows) == number)
        if len(rows) > 1:
            own, whose = linear_sum_assignment(-near[rows])
            labels[rows[own]] = whose
    return np.asarray(labels, np.int64)


def normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _labels(unit: Vectors, least: int, most: int, threshold: float) -> Labels:
    if len(unit) < 2:
        return np.zeros(len(unit), np.int64)
    labels = fcluster(linkage(unit, "centroid"), threshold, "distance")
    labels = _without_small(unit, labels)
    found = len(np.unique(labels))
    if not least <= found <= most:
        wanted = min(max(found, least), most, len(unit))
        labels = fcluster(linkage(unit, "ward"), wanted, "maxclust")
    return np.asarray(labels, np.int64)


def _without_small(unit: Vectors, labels: Labels) -> Labels:
    """A group heard in too few windows is a cough or a jingle: its members go to the nearest person."""
    smallest = min(SMALLEST, max(1, round(SMALLEST_SHARE * len(unit))))
    names, counts = np.unique(labels, return_counts=True)
    large = names[counts >= smallest]
    if not len(large):
        return np.ones_like(labels)
    centres = normalised(np.stack([unit[labels == name].mean(axis=0) for name in large]))
    small = ~np.isin(labels, large)
    labels[small] = large[(unit[small] @ centres.T).argmax(axis=1)]
    return labels
