"""Synthetic radiographs of growing wrists and elbows with exactly known disease.

The only source of severity truth of this project. Attributes load on first use, so importing this is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rickets_rx.phantom.disease import Disease
    from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint
    from rickets_rx.phantom.generate import elbow, sample, wrist
    from rickets_rx.phantom.layout import Layout
    from rickets_rx.phantom.negatives import negative

_HOME = {
    "Disease": "disease",
    "PhantomBone": "film",
    "PhantomFilm": "film",
    "PhantomJoint": "film",
    "Layout": "layout",
    "Exposure": "exposure",
    "Posture": "hand_anatomy",
    "wrist": "generate",
    "elbow": "generate",
    "sample": "generate",
    "negative": "negatives",
}
__all__ = [
    "Disease",
    "Layout",
    "PhantomBone",
    "PhantomFilm",
    "PhantomJoint",
    "elbow",
    "negative",
    "sample",
    "wrist",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
