"""Bone ends as data of napari layers: rows before columns, colours as in the report."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rickets_rx.report.palette import CHORD, CORTEX, EPIPHYSIS, MARGIN, Colour
from rickets_rx.review.source import Place
from rickets_rx.score import BoneScore, FilmScore
from rickets_rx.segment.metaphysis import Metaphysis

Points = npt.NDArray[np.float64]

#: Control points of a margin that is pulled (ours: every 7 % of the width).
HANDLES = 15


def rows_columns(points: npt.ArrayLike) -> Points:
    """(x, y) of the film as (row, column) of a layer, or back."""
    return np.asarray(points, float).reshape(-1, 2)[:, ::-1].copy()


@dataclass(frozen=True, eq=False)
class Lines:
    """Paths of a shapes layer with their colours, "#rrggbb"."""

    data: list[Points]
    colours: list[str]


def outline_lines(score: FilmScore) -> Lines:
    """Chord, margin, side cortices and epiphysis of every traced bone."""
    data: list[Points] = []
    colours: list[str] = []

    def add(points: npt.ArrayLike, hue: Colour) -> None:
        if len(np.asarray(points)) >= 2:
            data.append(rows_columns(points))
            colours.append(hue.hex)

    for bone in traced(score).values():
        add(bone.shaft_left, CORTEX)
        add(bone.shaft_right, CORTEX)
        if bone.epiphysis is not None:
            add(np.vstack([bone.epiphysis, bone.epiphysis[:1]]), EPIPHYSIS)
        add([bone.corner1, bone.corner2], CHORD)
        add(bone.margin, MARGIN)
    return Lines(data, colours)


def traced(score: FilmScore) -> dict[Place, Metaphysis]:
    """Every bone end with an outline, by place (the film's hash left empty)."""
    found = {}
    for joint in score.joints:
        for bone in joint.bones:
            if isinstance(bone, BoneScore):
                found[Place("", joint.instance.index, bone.metaphysis.bone)] = bone.metaphysis
    return found


def corner_points(bones: dict[Place, Metaphysis]) -> Points:
    """corner1 and corner2 of each bone in turn, shape (2 n, 2), rows before columns."""
    corners = [corner for bone in bones.values() for corner in (bone.corner1, bone.corner2)]
    return rows_columns(corners) if corners else np.zeros((0, 2))


def handles_of(bone: Metaphysis) -> Points:
    """Points of a margin by which it can be pulled, from corner to corner, (x, y)."""
    return bone.margin[handle_indices(len(bone.margin))]


def handle_indices(count: int) -> npt.NDArray[np.intp]:
    """Which points of a margin of ``count`` points are its handles."""
    return np.round(np.linspace(0, count - 1, min(HANDLES, count))).astype(np.intp)


def pulled(margin: Points, handles: Points) -> Points:
    """The margin after some of its handles were moved; between handles the shift is interpolated.

    What was not pulled keeps its detail, so that fraying is not smoothed away by the handles.

    Parameters
    ----------
    margin : ndarray of shape (n, 2)
    handles : ndarray of shape (k, 2)
        `handles_of` the margin, some moved.
    """
    at = handle_indices(len(margin))
    shift = handles - margin[at]
    every = np.arange(len(margin))
    moved = [np.interp(every, at, shift[:, axis]) for axis in (0, 1)]
    return np.asarray(margin + np.stack(moved, axis=1))
