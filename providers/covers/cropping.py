"""Where to cut a picture that must fit another shape: around what draws the eye, or where an editor says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from providers.errors import InputRejected

Focus = tuple[float, float]  # x from the left, y from the top, both 0..1
Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels
Map = NDArray[np.float64]

ZOOM = (1, 4)  # how much closer than the whole
SIDE = 64  # saliency is looked for at the scale of objects, not of textures
CENTRE_PULL = 0.35  # between two windows of like interest the middle one wins


def crop_box(
    picture: Pillow.Image, width_px: int, height_px: int, focus: Focus | None = None, zoom: float = 1.0
) -> Box:
    """The largest part of the picture with the ratio width_px : height_px; the zoom-th part of it.

    With `focus` it stands around that point, as far as the edges allow; else it holds the most saliency.
    Raises: InputRejected for a focus outside the picture or a zoom that is not from 1 to 4.
    """
    if not ZOOM[0] <= zoom <= ZOOM[1]:
        raise InputRejected(
            "The zoom is %(value)s; choose from %(low)s to %(high)s.", value=zoom, low=ZOOM[0], high=ZOOM[1]
        )
    width, height = picture.size
    scale = min(width / width_px, height / height_px) / zoom
    across, down = width_px * scale, height_px * scale
    if focus is None:
        interest = saliency(picture)
        left = best_start(interest.sum(axis=0), across / width) * width
        top = best_start(interest.sum(axis=1), down / height) * height
    else:
        x, y = _checked(focus)
        left = _clamped(x * width - across / 2, width - across)
        top = _clamped(y * height - down / 2, height - down)
    return left, top, min(left + across, width), min(top + down, height)


def _checked(focus: Focus) -> Focus:
    if not all(0 <= part <= 1 for part in focus):
        raise InputRejected(
            "The focal point (%(x)s, %(y)s) is outside the picture; both numbers go from 0 to 1.",
            x=focus[0], y=focus[1],
        )  # fmt: skip
    return focus


def _clamped(start: float, most: float) -> float:
    return min(max(0.0, start), max(0.0, most))


def best_start(interest: Map, share: float) -> float:
    """Where a window of `share` of the length begins, 0 … 1 − share, to hold the most of `interest` (n,)."""
    spare = 1 - share
    if spare <= 0:
        return 0.0
    if not interest.any():
        return spare / 2
    starts = np.linspace(0, spare, 65)
    places = np.linspace(0, 1, interest.size + 1)
    held = np.concatenate([[0.0], np.cumsum(interest / interest.sum())])
    inside = np.interp(starts + share, places, held) - np.interp(starts, places, held)
    pull = CENTRE_PULL * spare * ((starts - spare / 2) / (spare / 2)) ** 2
    return float(starts[np.argmax(inside - pull)])


def saliency(picture: Pillow.Image) -> Map:
    """How much each place stands out, float64 (64, 64), ≥ 0; zeros for a picture of one colour.

    Spectral residual: what the picture's spectrum has beyond the smooth course all pictures share; here per
    colour, because a red coat on a grey street has no edges in brightness.
    Source: Hou & Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007.
    """
    small = picture.convert("RGB").resize((SIDE, SIDE), Pillow.Resampling.BOX)
    red, green, blue = np.moveaxis(np.asarray(small, dtype=np.float64), 2, 0)
    opponents = ((red + green + blue) / 3, red - green, blue - (red + green) / 2)
    return sum((_residual(channel) for channel in opponents), np.zeros((SIDE, SIDE)))


def _residual(channel: Map) -> Map:
    spread = float(np.ptp(channel))
    if spread < 2:  # of 255: rounding
        return np.zeros_like(channel)
    spectrum = np.fft.fft2(channel)
    amplitude = np.log(np.abs(spectrum) + 1e-3)
    residual = amplitude - _smooth(amplitude, 1)
    shown = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    soft = _smooth(_smooth(shown, 2), 2)
    soft = np.clip(soft - np.median(soft), 0, None)  # the ground's own murmur is of no interest
    total = soft.sum()
    return soft / total * spread if total > 0 else soft


def _smooth(values: Map, reach: int) -> Map:
    """The mean of (2 · reach + 1)² neighbours; beyond the edge the edge goes on."""
    padded = np.pad(values, reach, mode="edge")
    size = 2 * reach + 1
    means: Map = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).mean(axis=(2, 3))
    return means
