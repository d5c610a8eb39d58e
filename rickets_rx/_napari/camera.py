"""Where the viewer looks."""

from typing import TYPE_CHECKING, Any

import numpy as np

from rickets_rx._napari.compat import camera_of
from rickets_rx._napari.shapes import rows_columns
from rickets_rx.segment.frame import BoneFrame

if TYPE_CHECKING:
    from napari.viewer import Viewer


def look_at(viewer: "Viewer", film: Any, frames: list[BoneFrame]) -> None:
    """Fit the surroundings of bone ends into the canvas.

    Parameters
    ----------
    film : Image layer
        Whose pixels the frames are in.
    """
    camera = camera_of(viewer)
    # reset_view has fitted the whole film; its zoom is the measure, so that no canvas size is needed.
    viewer.reset_view()
    points = np.vstack([f.to_pixels([-1.3, -1.3, 1.3, 1.3], [-0.9, 0.8, 0.8, -0.9]) for f in frames])
    low, high = rows_columns(points).min(axis=0), rows_columns(points).max(axis=0)
    camera.zoom *= max(1.0, float(np.min(np.array(film.data.shape) / (high - low))))
    camera.center = (0.0, *((low + high) / 2 * film.scale))
