"""Whatever readers did or left undone, a report is made, and what is missing is a number with a reason."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.agreement.design_file import StudyDesign
from rickets_rx.agreement.machine_scores import machine_scores
from rickets_rx.agreement.validate import validate
from rickets_rx.agreement.write import as_dict
from rickets_rx.io.readings import Reading

FILMS = [f"{i:064x}" for i in range(14)]
GRADES = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0])
BONES = st.sampled_from(["radius", "ulna", "humerus", "radius_proximal", "femur"])
FLAG = st.sampled_from([True, False, None])


@st.composite
def readings(draw):
    """One reading of a bone: a grade, a refusal, or nothing."""
    bone = draw(BONES)
    said = {"bone": bone, "side": "left", "machine_seen": draw(FLAG), "occasion": draw(st.integers(1, 3))}
    kind = draw(st.integers(0, 2)) if bone != "femur" else 0
    if kind == 0:
        said |= {"grade": draw(GRADES), "gradable": True}
    elif kind == 1:
        said |= {"gradable": False, "reason": "oblique"}
    return Reading(draw(st.sampled_from(FILMS)), draw(st.sampled_from("abc")), **said)


@st.composite
def changes(draw):
    later, earlier = draw(st.lists(st.sampled_from(FILMS), min_size=2, max_size=2, unique=True))
    region = draw(st.sampled_from(["", "wrist", "elbow", "knee"]))
    said = {
        "region": region,
        "order_known": draw(FLAG),
        "rgic": draw(st.one_of(st.none(), st.integers(-3, 3))),
    }
    return Reading(later, draw(st.sampled_from("abc")), pair_sha256=earlier, machine_seen=draw(FLAG), **said)


@st.composite
def rows(draw):
    """A row of the machine, scored or refused, of a known child or not."""
    place = {"image_sha256": draw(st.sampled_from(FILMS)), "bone": draw(BONES), "side": "left"}
    child = f"p{FILMS.index(place['image_sha256'])}"
    place |= {"patient_id": child if draw(st.integers(0, 9)) else None, "day": draw(st.integers(0, 3))}
    if draw(st.booleans()):
        return place | {"status": "refused", "reason": "oblique", "grade": None}
    grade = draw(GRADES)
    ends = {"grade_low": 0.0, "grade_high": 2.0, "severity": grade / 2, "activity": "indeterminate"}
    return place | {"status": "scored", "grade": grade} | ends


@settings(max_examples=40, deadline=None)
@given(
    st.lists(readings(), min_size=1, max_size=40),
    st.lists(changes(), max_size=6),
    st.lists(rows(), max_size=20),
    st.sampled_from(["", "a", "z"]),
    st.booleans(),
)
def test_no_study_is_too_odd(graded, changed, scored, adjudicator, whole):
    unique = list({reading.key: reading for reading in (*graded, *changed)}.values())
    images = [
        {"image_sha256": film, "patient_id": f"p{i}", "status": "scored"} for i, film in enumerate(FILMS)
    ]
    scores = machine_scores(scored, images if whole else ())
    result = validate(unique, scores, StudyDesign(adjudicator=adjudicator), draws=20)
    for number in result.numbers:
        found = number.estimate
        assert (found.low is None) == (found.high is None)
        assert found.low is not None or found.reason is not None
        assert found.value is not None or found.units == 0 or str(found.reason) == "no_variation"
        assert found.low is None or found.low <= found.high
    assert result.counts["readings"] == len(unique)
    as_dict(result)
