"""A small validation made by hand: every number known, no film drawn."""

from typing import Any

from rickets_rx.validation import numbers as n
from rickets_rx.validation.films import FOUND

GRADES = (0.0, 0.5, 1.0, 1.5, 2.0)


def bone(grade: float, given: float | None, **more: Any) -> dict[str, Any]:
    """A true bone of this grade that the machine called ``given``, refused where None."""
    row = {
        "bone": "radius", "joint": "wrist", "true_grade": grade, "true_severity": grade / 2, "shifted": grade,
        "width_px": 60.0, "instance": 1,
    }  # fmt: skip
    if given is None:
        return row | {"status": "refused", "reason": "oblique"} | more
    ends = {"grade_low": max(given - 0.5, 0), "grade_high": min(given + 0.5, 2)}
    severity = {
        "severity": given / 2,
        "severity_low": max(given / 2 - 0.1, 0),
        "severity_high": given / 2 + 0.1,
    }
    return row | ends | severity | {"status": "scored", "grade": given, "corner_error": FOUND / 2} | more


def film(name: str, *bones: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "film": name,
        "child": name,
        "bones": list(bones),
        "refused": None,
        "scored": 1,
        "surplus": 0,
    } | more


def films(count: int = 20) -> list[dict[str, Any]]:
    """Grades 0 to 2 in turn; every tenth bone is called half a grade too high, the last one refused."""
    found = []
    for i in range(count):
        grade = GRADES[i % 5]
        said = None if i == count - 1 else min(2.0, grade + (0.5 if i % 10 == 0 else 0))
        found.append(film(f"f{i}", bone(grade, said)))
    return found


def content() -> dict[str, Any]:
    """As `own_validation` makes it, from the films above."""
    from rickets_rx.validation.own import CANNOT, _recovered

    made = _recovered(films(), "by hand", 20, 50)
    kinds = [("lateral", "lateral_view", 0), ("knee", "ambiguous", 0), ("knee", None, 2)]
    wanted = {"lateral": "lateral_view", "knee": "wrong_body_part"}
    negatives: list[dict[str, Any]] = []
    for i, (kind, reason, scored) in enumerate(kinds * 5):
        said = {"kind": kind, "wanted": wanted[kind], "reason": reason, "scored": scored}
        negatives.append({"film": f"n{i}", "child": f"n{i}"} | said)
    refusals = n.refusal_numbers(negatives, seed=1, draws=50)
    return {
        "cannot": list(CANNOT),
        "provenance": {
            "software": "rickets_rx", "version": "0", "source": "0" * 64, "models": {"film.onnx": "1" * 64},
            "libraries": {"scipy": "1", "numpy": "2"}, "seed": 1, "draws": 50, "wrists": 20,
            "real_films": False,
            "phantom_seeds": {"wrists": 480_000_000, "elbows": 482_000_000},
        },
        "sets": {
            "wrists": made,
            "to_be_refused": n.as_set("by hand", negatives, 15, refusals),
        },
        "courses": [
            {
                "trial": {"seed": 5, "run": 40},
                "figures": {
                    "clear_and_films_can_tell": {
                        "right": {"value": 0.65, "low": 0.46, "high": 0.81, "n": 26},
                        "another": {"value": 0.0, "low": 0.0, "high": 0.13, "n": 26},
                    },
                    "null_named": {"value": None, "n": 0, "low": None, "high": None},
                },
            }
        ],
        "readers": {"model": {"children": 2, "films": 1, "readers": []}, "numbers": []},
        "coverage": [],
    }  # fmt: skip
