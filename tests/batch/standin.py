"""Scorers that stand in for the pipeline, so that the machinery around it can be tested alone and fast.

Functions of a module, because worker processes import them by name.
"""

import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np

from rickets_rx.errors import Refusal
from rickets_rx.features.registry import FeatureValue, feature_units
from rickets_rx.grade.result import BoneGrade
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis, RefusedBone
from rickets_rx.vocabulary import Activity, Bone, Joint, RefusalReason

#: What the first pixel of a film asks its scorer to do.
DIE, DIE_ONCE, HANG, SWELL, FAIL, DISK_FULL = 251, 252, 253, 254, 255, 250


def film(path: Path, number: int, first_pixel: int = 128) -> Path:
    """A small film whose bytes depend on ``number``; the first pixel carries an order for `obedient`."""
    pixels = np.random.default_rng(number).integers(20, 200, (48, 64), dtype=np.uint8)
    pixels[0, 0] = first_pixel
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels)
    return path


def severity_of(radiograph: Radiograph) -> float:
    """A number between 0 and 1 from the bytes alone."""
    return int(radiograph.sha256[:4], 16) / 0xFFFF


def plain(radiograph: Radiograph) -> FilmScore:
    """One wrist: the radius scored from the bytes of the film, the ulna refused."""
    frame = BoneFrame((30.0, 20.0), (10.0, 20.0), (0.0, -1.0))
    margin = frame.to_pixels(np.linspace(-1, 1, 9), np.full(9, 0.1))
    shaft1 = frame.to_pixels([-1, -1], [0, -0.8])
    shaft2 = frame.to_pixels([1, 1], [0, -0.8])
    radius = Metaphysis(Bone.RADIUS, frame, margin, margin, np.ones(9, bool), 0.9, shaft1, shaft2)
    severity = severity_of(radiograph)
    grade = round(severity * 4) / 2
    features = {name: FeatureValue(severity / 3) for name in feature_units()}
    score = BoneGrade(grade, grade, grade, severity, severity, severity, Activity.ACTIVE)
    ulna = RefusedBone(Bone.ULNA, Refusal(RefusalReason.CUT_OFF, "made up"))
    wrist = JointInstance(Joint.WRIST, 1, (radius, ulna), radiograph.side)
    return FilmScore((JointScore(wrist, (BoneScore(radius, features, score), ulna)),))


def obedient(radiograph: Radiograph) -> FilmScore:
    """`plain`, unless the first pixel asks for trouble."""
    order = round(float(radiograph.pixels[0, 0]))
    if order not in (DIE, DIE_ONCE, HANG, SWELL, FAIL, DISK_FULL):
        order = 255 - order  # a film that was turned over
    if order == DIE or (order == DIE_ONCE and _first_time(radiograph)):
        os.kill(os.getpid(), signal.SIGSEGV)
    if order == HANG:
        time.sleep(600)
    if order == SWELL:
        np.ones(8_000_000_000, np.uint8)
    if order == FAIL:
        raise KeyError("PatientName=DOE^JANE")
    if order == DISK_FULL:
        raise OSError(28, "No space left on device")
    return plain(radiograph)


def _first_time(radiograph: Radiograph) -> bool:
    mark = Path(os.environ["STANDIN_MARKS"]) / radiograph.sha256
    if mark.exists():
        return False
    mark.touch()
    return True


def slow(radiograph: Radiograph) -> FilmScore:
    """`plain` after a fifth of a second."""
    time.sleep(0.2)
    return plain(radiograph)


def counted(radiograph: Radiograph) -> FilmScore:
    """`plain`, leaving a mark for every time it is asked."""
    handle, name = Path(os.environ["STANDIN_MARKS"]), radiograph.sha256
    with (handle / name).open("a") as stream:
        stream.write("x")
    return plain(radiograph)


def times_asked(marks: Path) -> dict[str, int]:
    """How often `counted` was asked for each film."""
    return {path.name: len(path.read_text()) for path in marks.iterdir()}
