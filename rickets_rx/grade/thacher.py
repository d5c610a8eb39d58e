"""Thacher's words for one wrist bone, written as a rule on four pieces of evidence.

Thacher et al., J Trop Pediatr 2000;46:132-139, as worded in domain.md 1.1 (1 and 2 are the printed anchors,
0.5 and 1.5 come from later trial readers):

0    normal growth plate
0.5  lucency of the metaphyseal margin, without fraying or irregularity
1    widened growth plate, irregular metaphyseal margin, but no concave cupping
1.5  partial metaphyseal concavity, or incomplete fraying of the margin
2    metaphyseal concavity with fraying of the margin

The words give anchors only; the straight lines between them are ours.
"""

import math


def severity(lucency: float, irregularity: float, fraying: float, cupping: float) -> float:
    """Visible disease of one bone, 0-1, from evidence 0-1 of each sign: a ladder of four quarters.

    Each rung is one half grade and is climbed by the signs that its words name or that stand higher:
    lucency; irregular margin or widened plate; partial concavity or incomplete fraying; both together.
    Monotone in each argument.

    Examples
    --------
    >>> [severity(1, 0, 0, 0), severity(1, 1, 0, 0), severity(1, 1, 0, 1), severity(1, 1, 1, 1)]
    [0.25, 0.5, 0.75, 1.0]
    """
    high = max(fraying, cupping)
    rungs = max(lucency, irregularity, high), max(irregularity, high), high, min(fraying, cupping)
    return 0.25 * sum(rungs)


def grade_of(severity_value: float) -> float:
    """Severity 0-1 as Thacher's grade: times 2, rounded to halves (ties up).

    >>> [grade_of(s) for s in (0, 0.12, 0.125, 0.5, 1)]
    [0.0, 0.0, 0.5, 1.0, 2.0]
    """
    return math.floor(severity_value * 4 + 0.5) / 2


def outward(low: float, high: float, *, steps: int = 4) -> tuple[float, float]:
    """A severity interval as grades, rounded outward to halves; ``steps`` halves make severity 1.

    >>> outward(0.3, 0.55)
    (0.5, 1.5)
    """
    return math.floor(low * steps + 1e-9) / 2, math.ceil(high * steps - 1e-9) / 2
