"""Synthetic radiographs of growing wrists and elbows with exactly known disease.

The only source of severity truth of this project. Attributes load on first use, so importing this is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rickets_rx.phantom.artefacts import Artefacts
    from rickets_rx.phantom.disease import Disease
    from rickets_rx.phantom.exposure import Exposure
    from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint
    from rickets_rx.phantom.generate import elbow, sample, wrist
    from rickets_rx.phantom.hand_anatomy import Posture
    from rickets_rx.phantom.layout import Layout
    from rickets_rx.phantom.negatives import negative
    from rickets_rx.phantom.write import synthetic_film, write_phantoms

_HOME = {
    "Artefacts": "artefacts",
    "Disease": "disease",
    "Exposure": "exposure",
    "Layout": "layout",
    "PhantomBone": "film",
    "PhantomFilm": "film",
    "PhantomJoint": "film",
    "Posture": "hand_anatomy",
    "elbow": "generate",
    "negative": "negatives",
    "sample": "generate",
    "synthetic_film": "write",
    "wrist": "generate",
    "write_phantoms": "write",
}
__all__ = [
    "Artefacts",
    "Disease",
    "Exposure",
    "Layout",
    "PhantomBone",
    "PhantomFilm",
    "PhantomJoint",
    "Posture",
    "elbow",
    "negative",
    "sample",
    "synthetic_film",
    "wrist",
    "write_phantoms",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
