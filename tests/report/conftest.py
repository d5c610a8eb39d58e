"""A small case, worked out by hand, for the pages and figures of the report."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rickets_rx.features.registry import FeatureValue
from rickets_rx.grade.result import BoneGrade
from rickets_rx.healing import result as columns
from rickets_rx.healing.result import HealingResult
from rickets_rx.radiograph import Radiograph
from rickets_rx.score import BoneScore, FilmScore, JointScore
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import JointInstance, Metaphysis
from rickets_rx.vocabulary import Activity, Bone, Joint

PID = "child-1"


def _table(names: tuple[str, ...], rows: list[dict[str, Any]]) -> pd.DataFrame:
    full = [dict.fromkeys(names) | row for row in rows]
    return pd.DataFrame(full, columns=list(dict.fromkeys([*names, *(key for row in rows for key in row)])))


def _lab(day: int, analyte: str, value: float, multiple: float, **more: Any) -> dict[str, Any]:
    lower = analyte in ("Ca", "P")
    low, high, unit = {"ALP": (100, 200, "U/L"), "Ca": (8.0, 10.0, "mg/dL")}[analyte]
    row = {
        "patient_id": PID,
        "visit": str(day),
        "day": day,
        "day_low": day,
        "day_high": day,
        "analyte": analyte,
        "value": value,
        "unit": unit,
        "range_low": low,
        "range_high": high,
        "multiple": multiple,
        "multiple_of": "lower limit" if lower else "upper limit",
        "context": "none",
        "phase": "1_oral",
        "source": "table",
        "used": 1,
    }
    return row | more


def _film(bone: str, grade: float | None, **more: Any) -> dict[str, Any]:
    row = {
        "patient_id": PID,
        "film_id": "F1",
        "file": "f1.png",
        "day": 10,
        "day_low": 10,
        "day_high": 10,
        "joint": "wrist",
        "side": "left",
        "synthetic": 1,
        "bone": bone,
        "status": "scored" if grade is not None else "refused",
        "reason": "" if grade is not None else "overlapped",
        "grade": grade,
        "grade_low": None if grade is None else grade - 0.5,
        "grade_high": None if grade is None else grade + 0.5,
        "activity": "active" if grade is not None else None,
        "note": "a film",
    }
    return row | more


def _phase(name: str, start: int, end: int, slope: float | None, reason: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"patient_id": PID, "phase": name, "days": end - start}
    row |= {
        "start_day": start,
        "start_low": start,
        "start_high": start,
        "end_day": end,
        "end_low": end,
        "end_high": end,
    }
    bounds = (None, None) if slope is None else (slope - 0.1, slope + 0.1)
    row |= {"slope_ln_alp": slope, "slope_ln_alp_low": bounds[0], "slope_ln_alp_high": bounds[1]}
    row |= {
        "slope_ln_alp_n": 3,
        "slope_ln_alp_reason": reason,
        "activity_start": "active",
        "activity_end": "",
    }
    return row


@pytest.fixture
def small_result() -> HealingResult:
    """One child: ALP 400 -> 200 -> 100 (limit 200), one synthetic film, two phases, days 0 to 100."""
    labs = [
        _lab(0, "ALP", 400.0, 2.0),
        _lab(50, "ALP", 200.0, 1.0, context="infusion_on", day_low=40, day_high=70),
        _lab(100, "ALP", 100.0, 0.5),
        _lab(0, "ALP", 420.0, 2.1, source="text", used=0),
        _lab(0, "Ca", 7.2, 0.9),
    ]
    drug = {
        "patient_id": PID,
        "phase": "1_oral",
        "drug": "calcium",
        "dose": 2.0,
        "unit": "g",
        "per": "day",
        "route": "oral",
    }
    bounds = {"start_day": 0, "start_low": 0, "start_high": 0, "end_day": 50, "end_low": 50, "end_high": 60}
    moment = {"patient_id": PID, "day": 50, "day_low": 40, "day_high": 70, "source": "text"}
    return HealingResult(
        timeline=_table(columns.TIMELINE_COLUMNS, []),
        phases=_table(
            columns.PHASES_COLUMNS_HEAD,
            [_phase("1_oral", 0, 50, -0.123456), _phase("2_next", 50, 100, None, "fewer_than_3_values")],
        ),
        normalisation=_table(
            columns.NORMALISATION_COLUMNS,
            [
                {
                    "patient_id": PID,
                    "analyte": "ALP",
                    "range": "printed",
                    "last_abnormal_day": 51,
                    "first_normal_day": 87,
                }
            ],
        ),
        flags=_table(
            columns.FLAGS_COLUMNS,
            [
                {"patient_id": PID, "code": "text_contradicts_table", "message": "ALP 420 in the text."},
                {"patient_id": PID, "code": "sibling_duplicate", "message": "Shared with child-2."},
                {"patient_id": PID, "code": "something_new", "message": "A note."},
            ],
        ),
        labs=_table(columns.LABS_COLUMNS, labs),
        films=_table(columns.FILMS_COLUMNS, [_film("radius", 1.5), _film("ulna", None)]),
        patients=pd.DataFrame(
            [
                {
                    "patient_id": PID,
                    "family_id": "A",
                    "sex": "female",
                    "age_days_at_day0": 365.25,
                    "diagnosis": "rickets",
                }
            ]
        ),
        therapy=pd.DataFrame([drug | bounds | {"as_printed": "Ca: 2 g/day", "dose_basis": "unstated"}]),
        events=pd.DataFrame([moment | {"event": "seizure", "text": "one seizure"}]),
        findings=pd.DataFrame([moment | {"joint": "wrist", "direction": 1, "text": "partial healing"}]),
        growth=pd.DataFrame(
            [{"patient_id": PID, "day": 0, "measure": "height_cm", "value": 83, "source": "text"}]
        ),
        figures={
            PID: {
                "healed": {
                    "trial_2014": {"value": None, "reason": "needs_the_knee", "words": "score and ALP"}
                },
                "attribution": {
                    "value": None,
                    "reasons": ["one_family"],
                    "cautions": ["one_family"],
                    "rates": {},
                },
                "course": {
                    "auc_alp_above_uln": {
                        "value": 5000.0,
                        "low": 4000.0,
                        "high": 6000.0,
                        "n": 3,
                        "reason": "",
                    }
                },
            }
        },
        methods={"seed": 7, "draws": 123},
    )


@pytest.fixture
def with_value(small_result: HealingResult) -> Callable[..., HealingResult]:
    """The small case with one column of one table set to a value."""

    def change(table: str, column: str, value: Any) -> HealingResult:
        frame = getattr(small_result, table).astype({column: object})
        frame[column] = value
        return replace(small_result, **{table: frame})

    return change


def metaphysis_at(corner1: tuple[float, float], corner2: tuple[float, float], depth: float) -> Metaphysis:
    """A radius whose margin is a parabola, ``depth`` widths behind the chord in its middle (distal is up)."""
    frame = BoneFrame(corner1, corner2, (0.0, -1.0))
    v = np.linspace(-1, 1, 41)
    margin = frame.to_pixels(v, -depth * (1 - v**2))
    shaft = np.linspace(0, -1, 11)
    # A flat epiphysis: its near side 0.1 widths beyond the chord from v = -0.8 to 0.8.
    epiphysis = frame.to_pixels([-0.8, 0.8, 0.8, -0.8], [0.1, 0.1, 0.3, 0.3])
    return Metaphysis(
        Bone.RADIUS,
        frame,
        margin,
        margin.copy(),
        np.ones(41, bool),
        0.9,
        frame.to_pixels(-1.0, shaft),
        frame.to_pixels(1.0, shaft),
        epiphysis,
    )


@pytest.fixture
def film() -> Radiograph:
    """A mid-grey film, 200 columns and 300 rows, with two outliers so that its window is 0 to 2."""
    pixels = np.ones((300, 200), np.float32)
    pixels[:150:2, ::2], pixels[150::2, ::2] = 1.0, 1.0
    pixels[:, :2], pixels[:, -2:] = 0.0, 2.0
    return Radiograph(pixels, "0" * 64, "film", display_window=(0.0, 2.0))


@pytest.fixture
def scored() -> FilmScore:
    """One radius, corners (60, 150) and (140, 150): MW is 80 pixels, the margin 16 pixels (0.2 MW) deep."""
    found = metaphysis_at((60.0, 150.0), (140.0, 150.0), 0.2)
    grade = BoneGrade(1.5, 1.0, 2.0, 0.75, 0.5, 0.95, Activity.ACTIVE, findings=("deep cup",))
    # Half of the margin lies closer than 0.25 MW to the epiphysis: 0.1 + 0.2 (1 - v^2) = 0.25 at v = 0.5.
    features = {
        "cupping": FeatureValue(0.2),
        "gap": FeatureValue(0.25),
        "texture": FeatureValue(None, "too_few_pixels"),
    }
    return FilmScore(
        (JointScore(JointInstance(Joint.WRIST, 1, (found,)), (BoneScore(found, features, grade),)),)
    )
