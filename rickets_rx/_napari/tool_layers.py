"""Layers that a tool works on, as napari makes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rickets_rx.report.palette import ORANGE
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.vocabulary import BONE_LABEL, PART_LABEL, Bone, Part

if TYPE_CHECKING:
    from napari.viewer import Viewer


def points_layer(
    viewer: "Viewer", name: str, points: npt.NDArray[np.float64], size: float, colour: str, **like: Any
) -> Any:
    """Points to drag, rows before columns: rings, so that what lies under them is seen.

    Parameters
    ----------
    size : float
        Pixels of the film.
    colour : str
        "#rrggbb".
    **like
        Scale and units of the film.
    """
    layer = viewer.add_points(
        points, ndim=2, name=name, size=size, face_color="transparent", border_color=colour, border_width=0.2,
        **like,
    )  # fmt: skip
    layer.mode = "select"
    return layer


def pen_layer(viewer: "Viewer", name: str, width: float, on_pen: Callable[..., Any], **like: Any) -> Any:
    """An empty layer to draw on with the button held; ``on_pen`` follows the mouse, as in napari."""
    layer = viewer.add_shapes(name=name, ndim=2, edge_width=width, **like)
    layer.current_edge_color = ORANGE.hex
    # Not napari's own drawing mode: it takes a point every ten screen pixels only, which hides fraying.
    layer.mouse_pan = False
    layer.mouse_drag_callbacks.append(on_pen)
    return layer


def paint_layer(viewer: "Viewer", name: str, mask: npt.NDArray[np.uint8], brush: float, **like: Any) -> Any:
    """A mask to paint on; its one label is chosen, ``brush`` is in pixels of the film."""
    layer = viewer.add_labels(mask, name=name, opacity=0.4, **like)
    layer.selected_label = int(mask.max())
    layer.brush_size, layer.mode = max(2, brush), "paint"
    return layer


def paint_label(bone: Bone) -> int:
    """What a bone end is painted with, as in the label masks that `score` writes."""
    return 10 * BONE_LABEL[bone] + PART_LABEL[Part.METAPHYSIS]


def mask_of(bone: Metaphysis, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """A bone end as paint to start from, on a film of ``shape`` (rows, columns)."""
    from rickets_rx.review.correct import paint_margin

    mask = np.zeros(shape, np.uint8)
    paint_margin(mask, bone, paint_label(bone.bone))
    return mask
