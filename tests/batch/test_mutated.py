"""Damaged copies of small films of every format: read, or refused by name on one line, and nothing else.

The longer search, guided by coverage, is `fuzz.py`.
"""

from pathlib import Path

import hostile
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.io.read import read_radiograph

WHOLE = {name: make() for name, make in hostile.FORMATS.items()}
EDITS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated") / "film"


@pytest.mark.parametrize("name", hostile.FORMATS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, keep=st.floats(0.005, 1) | st.just(1.0), head=st.booleans())
def test_a_damaged_film_is_read_or_refused(
    name: str, place: Path, edits: list[tuple[float, int]], keep: float, head: bool
) -> None:
    data = bytearray(WHOLE[name])
    span = min(len(data), 1200) if head else len(data)  # most of what can go wrong stands in the header
    for where, value in edits:
        data[int(where * span)] = value
    place.write_bytes(data[: max(1, int(keep * len(data)))])
    try:
        film = read_radiograph(place)
    except InputError as error:
        assert str(error).startswith("film: ")
        assert "\n" not in str(error)
        return
    assert np.isfinite(film.pixels).all()
    assert film.pixels.min() < film.pixels.max()
