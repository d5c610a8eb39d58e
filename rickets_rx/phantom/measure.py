"""Every feature of the contract re-read from a phantom's geometry: noise-free path lengths, never film
pixels."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from rickets_rx.phantom.bone_end import BoneEnd
from rickets_rx.phantom.margins import GRID

if TYPE_CHECKING:
    from rickets_rx.phantom.limb import Epiphysis

PITCH = 0.1
"""Step of the path-length grid, mm."""
FRAYING_BAND = (0.02, 0.15)
"""Waves of a margin that are its fraying, fractions of its width (contract)."""
HALVES = float(np.sqrt(np.log(2) / 2) / np.pi)
"""Standard deviation of a Gaussian that halves a wave, fraction of that wave's length."""
COLLAR_DRAW = 0.01
"""Share of the width by which a straight side may draw in (ours)."""
FEATURES = (
    "cupping", "fraying", "fraying_extent", "edge_blur", "zone_contrast", "zone_continuity", "lucency",
    "splaying_50", "splaying_75", "splaying_100", "gap", "texture", "collar",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Profile:
    """Mineral along s at positions across, without texture."""

    x: npt.NDArray[np.float64]
    s: npt.NDArray[np.float64]
    mineral: npt.NDArray[np.float64]


def profile(end: BoneEnd) -> Profile:
    """Path lengths of the last 0.75 widths of a bone end."""
    sheet = end.maps(PITCH, proximal=0.75 * end.width, texture=False)
    rows, columns = sheet.values.shape
    x = np.asarray(sheet.x0 + PITCH * np.arange(columns), float)
    s = np.asarray(sheet.s0 + PITCH * np.arange(rows), float)
    keep = np.abs(x) <= end.width / 2
    return Profile(x[keep], s, sheet.values[:, keep].astype(float))


def _last_crossing(
    mineral: npt.NDArray[np.float64], s: npt.NDArray[np.float64], level: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Most distal s at which each column still reaches its level, interpolated."""
    above = mineral >= np.maximum(level, 1e-6)[None, :]
    last = len(s) - 1 - np.argmax(above[::-1], axis=0)
    last = np.where(above.any(0), np.minimum(last, len(s) - 2), 0)
    columns = np.arange(mineral.shape[1])
    a, b = mineral[last, columns], mineral[last + 1, columns]
    share = np.clip((a - level) / np.maximum(a - b, 1e-9), 0, 1)
    return np.asarray(s[last] + share * (s[1] - s[0]))


def reference(p: Profile, width: float) -> npt.NDArray[np.float64]:
    """Mineral of each column where the bone is whole, mm: the median 0.15-0.45 widths behind the chord.

    Under a splayed corner there is no bone that far behind; such a column is held against 0.6 of its own
    densest point (ours).
    """
    behind = (p.s < -0.15 * width) & (p.s > -0.45 * width)
    base = np.median(p.mineral[behind], axis=0)
    thin = base < 0.25 * np.median(base)
    return np.asarray(np.where(thin, 0.6 * p.mineral[p.s > -0.3 * width].max(axis=0), base))


@dataclass(frozen=True, eq=False)
class Survey:
    """A bone end's path lengths and the curves read from them, made once.

    Parameters
    ----------
    reference : ndarray of shape (columns,)
        Mineral of each column where the bone is whole, mm.
    margin, envelope : ndarray of shape (n, 2)
        50 % and 10 % line of mineral, (x, s) in mm from corner1 to corner2.
    """

    end: BoneEnd
    profile: Profile
    reference: npt.NDArray[np.float64]
    margin: npt.NDArray[np.float64]
    envelope: npt.NDArray[np.float64]

    @cached_property
    def course(self) -> npt.NDArray[np.float64]:
        """Heights of the margin smoothed over 0.15 widths, mm, shape (n,)."""
        return smoothed(self.margin, self.end.width)


def survey(end: BoneEnd) -> Survey:
    """Path lengths, margin and envelope of a bone end."""
    p = profile(end)
    base = reference(p, end.width)
    return Survey(end, p, base, _curve(p, 0.5 * base, end.width), _curve(p, 0.1 * base, end.width))


def _curve(p: Profile, level: npt.NDArray[np.float64], width: float) -> npt.NDArray[np.float64]:
    heights = _last_crossing(p.mineral, p.s, level)
    # The outermost columns graze the cortex; there the end runs down to the corner, which is truth.
    inner = np.abs(p.x) <= 0.47 * width
    x = np.concatenate([[-width / 2], p.x[inner], [width / 2]])
    return np.stack([x, np.concatenate([[0.0], heights[inner], [0.0]])], axis=1)


def smoothed(margin: npt.NDArray[np.float64], width: float, window: float = 0.15) -> npt.NDArray[np.float64]:
    """Heights of a margin averaged over ``window`` widths (a Gaussian of that full extent), shape (n,)."""
    x = margin[:, 0]
    weight = np.exp(-0.5 * ((x[:, None] - x[None, :]) / (window * width / 2)) ** 2)
    # Local straight-line fit: averaging alone would bend the ends.
    d = x[None, :] - x[:, None]
    s0, s1, s2 = weight.sum(1), (weight * d).sum(1), (weight * d * d).sum(1)
    t0, t1 = weight @ margin[:, 1], (weight * d) @ margin[:, 1]
    return np.asarray((s2 * t0 - s1 * t1) / np.maximum(s0 * s2 - s1 * s1, 1e-12))


def fraying(margin: npt.NDArray[np.float64], width: float) -> float:
    """RMS of a margin within `FRAYING_BAND` over its central 80 %, MW.

    Parameters
    ----------
    margin : ndarray of shape (n, 2)
        (x, s) in mm, `PITCH` apart but for the corners at both ends.
    width : float
        mm.
    """
    x, height = margin[1:-1].T
    fine, coarse = (
        gaussian_filter1d(height, HALVES * wave * width / PITCH, mode="nearest") for wave in FRAYING_BAND
    )
    return _rms((fine - coarse)[np.abs(x) <= 0.4 * width]) / width


def irregularity(found: Survey) -> float:
    """RMS of a margin about its course over the central 80 %, MW: what the truth rule calls irregular.

    It counts longer waves than `fraying` does (the course halves those of 0.4 MW), since a margin may be
    irregular and not frayed.
    """
    margin, width = found.margin, found.end.width
    central = np.abs(margin[:, 0]) <= 0.4 * width
    return _rms((margin[:, 1] - found.course)[central]) / width


def _rms(values: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def measure(
    found: Survey, epiphysis: "Epiphysis | None", behind_mm: float
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Every feature of the contract, and why those that are None are.

    Parameters
    ----------
    behind_mm : float
        How far behind the chord the film shows this bone.
    """
    end, p, base, margin = found.end, found.profile, found.reference, found.margin
    width = end.width
    values: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    central = np.abs(margin[:, 0]) <= 0.4 * width
    values["cupping"] = float(np.max(-found.course[central]) / width)
    values["fraying"] = fraying(margin, width)
    inner = np.abs(p.x) <= 0.4 * width
    high = _last_crossing(p.mineral[:, inner], p.s, 0.1 * base[inner])
    low = _last_crossing(p.mineral[:, inner], p.s, 0.9 * base[inner])
    fall = np.maximum(high - low, 0) / width
    values["edge_blur"] = float(np.median(fall))
    spread = np.interp(2 * p.x[inner] / width, GRID, end.margin.frayed) * end.disease.fray_depth
    values["fraying_extent"] = float(np.mean(spread > 0.02 * width)) * (1 - min(end.disease.dense_line, 1.0))
    _zone(found, values)
    for percent in (50, 75, 100):
        distance = percent / 100 * width
        if behind_mm < distance:
            values[f"splaying_{percent}"] = None
            reasons[f"splaying_{percent}"] = "shaft_off_film"
        else:
            left, right = end.edges(np.array([-distance]))
            values[f"splaying_{percent}"] = float(width / (right[0] - left[0]))
    _gap(margin, epiphysis, width, values, reasons)
    values["texture"] = None
    reasons["texture"] = "no_geometric_truth"
    sides = np.interp([-0.97, 0.97], GRID, end.margin.frayed) * end.disease.fray_depth
    if sides.max() > 0.06 * width:
        # A fringe this deep (ours) has eaten the sides that would run straight.
        values["collar"], reasons["collar"] = None, "margin_dissolved"
    else:
        values["collar"] = collar_length(end)
    return {name: values[name] for name in FEATURES}, reasons


def _zone(found: Survey, values: dict[str, float | None]) -> None:
    p, margin, width = found.profile, found.margin, found.end.width
    inner = np.abs(p.x) <= 0.4 * width
    height = np.interp(p.x[inner], margin[:, 0], margin[:, 1])
    behind = height[None, :] - p.s[:, None]
    block = p.mineral[:, inner]

    def strip(low: float, high: float, pick: str) -> npt.NDArray[np.float64]:
        within = (behind >= low * width) & (behind < high * width)
        if pick == "max":
            return np.asarray(np.where(within, block, 0).max(0))
        return np.asarray(np.where(within, block, 0).sum(0) / np.maximum(within.sum(0), 1))

    zone, inside = strip(0.0, 0.08, "max"), strip(0.12, 0.3, "mean")
    cortex = float(p.mineral[(p.s < -0.3 * width) & (p.s > -0.6 * width)].max())
    ridge = (zone - inside) / max(cortex, 1e-6)
    values["zone_contrast"] = float(np.median(ridge))
    # A healing line is a zone; what stands at under 0.35 of a full zone's mineral is no ridge (ours).
    strength = np.interp(2 * p.x[inner] / width, GRID, found.end.margin.zone)
    strength = np.maximum(strength, found.end.disease.dense_line)
    values["zone_continuity"] = float(np.mean(strength >= 0.35))
    values["lucency"] = float(np.mean(strip(0.0, 0.1, "mean")) / np.mean(strip(0.3, 0.6, "mean")))


def _gap(
    margin: npt.NDArray[np.float64],
    epiphysis: "Epiphysis | None",
    width: float,
    values: dict[str, float | None],
    reasons: dict[str, str],
) -> None:
    """Median distance of the two 50 % lines under the middle of the epiphysis."""
    values["gap"] = None
    if epiphysis is None:
        reasons["gap"] = "epiphysis_not_ossified"
        return
    if epiphysis.plate.width < 0.5 * width:
        reasons["gap"] = "epiphysis_too_small"
        return
    x, face = epiphysis.face[np.abs(epiphysis.face[:, 0]) < 0.47 * width].T
    edge = np.interp(x, margin[:, 0], margin[:, 1])
    values["gap"] = float(np.median(np.maximum(face - edge, 0)) / width)


def collar_length(end: BoneEnd) -> float:
    """How far behind its corner a side runs straight, MW, mean of both sides.

    A side counts as straight until it has drawn in by ``COLLAR_DRAW`` of the width (ours). A splayed bone
    flares more steeply, so its collar shortens.
    """
    width = end.width
    behind = np.linspace(0, 0.6 * width, 601)
    lengths = []
    for edge in end.edges(-behind):
        drawn = np.abs(edge[0]) - np.abs(edge)
        past = np.nonzero(drawn > COLLAR_DRAW * width)[0]
        lengths.append(behind[past[0]] if len(past) else behind[-1])
    return float(np.mean(lengths) / width)
