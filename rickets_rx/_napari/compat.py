"""What napari 0.9 moved: the same things under old and new names."""

from typing import Any


def camera_of(viewer: Any) -> Any:
    """The camera of a viewer (``viewer.scene.camera`` since 0.9)."""
    scene = getattr(viewer, "scene", None)
    return viewer.camera if scene is None else scene.camera


def scale_bar_of(viewer: Any) -> Any:
    """The scale bar of a viewer (``viewer.canvas.overlays.scale_bar`` since 0.9)."""
    overlays = getattr(getattr(viewer, "canvas", None), "overlays", None)
    return viewer.scale_bar if overlays is None else overlays.scale_bar
