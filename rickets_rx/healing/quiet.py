"""What a film says of the weeks before it where every diseased bone on it is active: they did not heal.

The first sign of healing is a zone of provisional calcification that comes back, two to four weeks after a
treatment that works (domain notes, section 4). A bone graded `active` shows none. So whatever severity says,
the phase that held sway before such a film did not heal then; a phase whose films begin late is told from the
one before it by this alone. A worsening bone is active too, which the rule does not deny: worsening is slow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rickets_rx.healing.rates import Seen
from rickets_rx.vocabulary import Activity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Row = Mapping[str, Any]
CHANGE_SD = 0.12  # spread about 0 of the change of severity in them that leaves a bone active (ours)
DISEASED = 0.25  # severity from which a bone can show that it is not healing: half a grade (ours)
HOLDS = 0.92
"""Chance that such films say the truth. Of 377 films of the calibration courses before any healing 98 %
showed active bones only, of 27 later ones with a diseased bone 7 % (docs/healing.md)."""


def quiet_films(rows: Sequence[Row], film: IntArray) -> list[int]:
    """Films on which there is a diseased bone, and every one is active."""
    found: dict[int, bool] = {}
    for row, index in zip(rows, film, strict=True):
        if float(row["severity"]) >= DISEASED:
            found[int(index)] = found.get(int(index), True) and row.get("activity") == Activity.ACTIVE
    return [index for index, quiet in found.items() if quiet]


def with_quiet(seen: Seen, windows: FloatArray) -> list[tuple[Seen, float]]:
    """The sums of the regression with the log chance of each view: quiet films tell nothing, or the truth.

    Parameters
    ----------
    windows : ndarray of shape (quiet films, phases, scenarios)
        From `rickets_rx.healing.exposure.recent_exposure`.
    """
    if not len(windows):
        return [(seen, 0.0)]
    spent = np.moveaxis(windows, 2, 0)
    # A reading of no change in each window. Its density where it fits is 1: it says what cannot be, and
    # gains nothing by being sure.
    told = np.swapaxes(spent, 1, 2) @ spent / CHANGE_SD**2
    return [(seen, float(np.log1p(-HOLDS))), (replace(seen, precision=seen.precision + told), np.log(HOLDS))]
