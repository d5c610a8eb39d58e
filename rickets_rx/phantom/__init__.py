"""Synthetic radiographs of growing wrists and elbows with exactly known disease.

The only source of severity truth of this project. Attributes load on first use, so importing this is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rickets_rx.phantom.artefacts import Artefacts
    from rickets_rx.phantom.case_folder import draw_course, write_courses
    from rickets_rx.phantom.courses import Course, Phase, course
    from rickets_rx.phantom.disease import Disease
    from rickets_rx.phantom.exposure import Exposure
    from rickets_rx.phantom.film import PhantomBone, PhantomFilm, PhantomJoint
    from rickets_rx.phantom.generate import elbow, sample, wrist
    from rickets_rx.phantom.hand_anatomy import Posture
    from rickets_rx.phantom.layout import Layout
    from rickets_rx.phantom.negatives import negative
    from rickets_rx.phantom.painting import PaintedFilm, Painter, paint
    from rickets_rx.phantom.write import synthetic_film, write_phantoms

_HOME = {
    "Artefacts": "artefacts",
    "Course": "courses",
    "Disease": "disease",
    "Exposure": "exposure",
    "Layout": "layout",
    "PaintedFilm": "painting",
    "Painter": "painting",
    "Phase": "courses",
    "PhantomBone": "film",
    "PhantomFilm": "film",
    "PhantomJoint": "film",
    "Posture": "hand_anatomy",
    "course": "courses",
    "draw_course": "case_folder",
    "elbow": "generate",
    "negative": "negatives",
    "paint": "painting",
    "sample": "generate",
    "synthetic_film": "write",
    "wrist": "generate",
    "write_courses": "case_folder",
    "write_phantoms": "write",
}
__all__ = [
    "Artefacts",
    "Course",
    "Disease",
    "Exposure",
    "Layout",
    "PaintedFilm",
    "Painter",
    "PhantomBone",
    "PhantomFilm",
    "PhantomJoint",
    "Phase",
    "Posture",
    "course",
    "draw_course",
    "elbow",
    "negative",
    "paint",
    "sample",
    "synthetic_film",
    "wrist",
    "write_courses",
    "write_phantoms",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
