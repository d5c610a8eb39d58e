import math

import pytest

from rickets_rx.errors import InputError
from rickets_rx.io.spacing import SpacingTags, decide_spacing, user_spacing
from rickets_rx.vocabulary import SpacingSource as S

# Rows of the decision table, each with the arithmetic done by hand.
TABLE = [
    (SpacingTags(), None, S.NONE),
    (SpacingTags(pixel=(0.15, 0.15)), 0.15, S.UNKNOWN),
    (SpacingTags(pixel=(0.15, 0.15), calibration=True), 0.15, S.UNKNOWN),
    (SpacingTags(imager=(0.2, 0.2)), 0.2, S.PROJECTION),
    (SpacingTags(imager=(0.2, 0.2), ermf=1.25), 0.16, S.ERMF),
    (SpacingTags(imager=(0.2, 0.2), sid=1000, sod=800), 0.16, S.ERMF),
    (SpacingTags(imager=(0.2, 0.2), ermf=1.0, sid=1000, sod=800), 0.2, S.ERMF),
    (SpacingTags(imager=(0.2, 0.2), sid=1000), 0.2, S.PROJECTION),
    (SpacingTags(imager=(0.2, 0.2), ermf=0.5), 0.2, S.PROJECTION),
    (SpacingTags(imager=(0.2, 0.2), sid=1000, sod=0), 0.2, S.PROJECTION),
    (SpacingTags(pixel=(0.2, 0.2), imager=(0.2, 0.2)), 0.2, S.PROJECTION),
    (SpacingTags(pixel=(0.2, 0.2), imager=(0.2, 0.2), calibration=True), 0.2, S.PROJECTION),
    (SpacingTags(pixel=(0.18, 0.18), imager=(0.2, 0.2), calibration=True), 0.18, S.CALIBRATED),
    (SpacingTags(pixel=(0.18, 0.18), imager=(0.2, 0.2)), 0.18, S.UNKNOWN),
    (SpacingTags(pixel=(0.18, 0.18), imager=(0.2, 0.2), ermf=1.11), 0.18, S.UNKNOWN),
    (SpacingTags(scanned=(0.1, 0.1)), 0.1, S.PROJECTION),
    (SpacingTags(pixel=(0.1, 0.1), scanned=(0.1, 0.1)), 0.1, S.PROJECTION),
    (SpacingTags(pixel=(0.1000, 0.1008)), 0.1004, S.UNKNOWN),
]


@pytest.mark.parametrize(("tags", "mm", "source"), TABLE)
def test_the_decision_table(tags: SpacingTags, mm: float | None, source: S) -> None:
    spacing, _ = decide_spacing(tags, "film")
    assert spacing.source is source
    assert spacing.mm == (None if mm is None else pytest.approx(mm, rel=1e-9))


@pytest.mark.parametrize(
    ("tags", "tag"),
    [
        (SpacingTags(pixel=(0.10, 0.12)), "(0028,0030)"),
        (SpacingTags(imager=(0.12, 0.10)), "(0018,1164)"),
        (SpacingTags(scanned=(0.10, 0.102)), "(0018,2010)"),
        (SpacingTags(pixel=(0.1, 0.1), imager=(0.1, 0.2)), "(0018,1164)"),
    ],
)
def test_oblong_pixels_are_refused_by_tag(tags: SpacingTags, tag: str) -> None:
    with pytest.raises(InputError) as caught:
        decide_spacing(tags, "film")
    assert tag in caught.value.field
    assert "square" in caught.value.problem


def test_the_error_gives_rows_before_columns() -> None:
    with pytest.raises(InputError, match=r"0\.1 x 0\.12, rows x columns"):
        decide_spacing(SpacingTags(pixel=(0.1, 0.12)), "film")


@pytest.mark.parametrize(
    "pair", [(0.0, 0.0), (-0.1, -0.1), (1.0, 1.0), (0.000144, 0.000144), (math.inf, 0.1)]
)
def test_placeholders_are_noted_and_not_used(pair: tuple[float, float]) -> None:
    spacing, notes = decide_spacing(SpacingTags(pixel=pair), "film")
    assert spacing.source is S.NONE
    assert spacing.mm is None
    assert len(notes) == 1
    assert "(0028,0030)" in notes[0]


def test_a_placeholder_gives_way_to_the_detector() -> None:
    spacing, notes = decide_spacing(SpacingTags(pixel=(1.0, 1.0), imager=(0.2, 0.2)), "film")
    assert (spacing.mm, spacing.source) == (0.2, S.PROJECTION)
    assert notes


@pytest.mark.parametrize("mm", [0, -0.1, 5, math.nan, math.inf])
def test_a_user_cannot_give_an_impossible_spacing(mm: float) -> None:
    with pytest.raises(InputError, match="spacing_mm"):
        user_spacing(mm, "film")


def test_a_user_spacing_is_marked_as_such() -> None:
    spacing = user_spacing(0.144, "film")
    assert (spacing.mm, spacing.source) == (0.144, S.USER)
