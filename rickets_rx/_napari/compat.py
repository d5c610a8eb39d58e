"""What napari 0.9 moved, under old and new names; and a Qt binding that must not be used."""

import sys
from typing import Any


def camera_of(viewer: Any) -> Any:
    """The camera of a viewer (``viewer.scene.camera`` since 0.9)."""
    scene = getattr(viewer, "scene", None)
    return viewer.camera if scene is None else scene.camera


def scale_bar_of(viewer: Any) -> Any:
    """The scale bar of a viewer (``viewer.canvas.overlays.scale_bar`` since 0.9)."""
    overlays = getattr(getattr(viewer, "canvas", None), "overlays", None)
    return viewer.scale_bar if overlays is None else overlays.scale_bar


def binding_fault(api: str, version: str, python: tuple[int, ...]) -> str:
    """Why this Qt binding will end the window without a word; empty where it will not.

    PySide6 6.11 and later take a reference of None with every call that returns nothing (seen in 6.12.0 with
    `sys.getrefcount`, not in 6.10.3). Python 3.12 and later do not count those; Python 3.11 aborts with
    "deallocating None" after some minutes of work.

    Parameters
    ----------
    api : str
        As qtpy says, such as "PySide6".
    version : str
        Of the binding, such as "6.12.0".
    python : tuple of int
        As ``sys.version_info``.
    """
    if api.lower() != "pyside6" or python >= (3, 12):
        return ""
    if tuple(int(part) for part in version.split(".")[:2]) < (6, 11):
        return ""
    return (
        f"PySide6 {version} breaks off on Python {python[0]}.{python[1]}: install PySide6-Essentials below "
        "6.11, or PyQt6. What you say is kept all the same."
    )


def fault_here() -> str:
    """`binding_fault` of the binding that runs now."""
    from qtpy import API_NAME, PYSIDE_VERSION

    return binding_fault(str(API_NAME), str(PYSIDE_VERSION or "0"), sys.version_info[:2])
