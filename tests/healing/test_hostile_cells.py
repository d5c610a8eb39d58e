"""Any cell of the sample may be overwritten with anything: refused by name or computed, never a crash."""

import csv
import io
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rickets_rx.errors import InputError
from rickets_rx.healing.heal import heal, write_healing
from rickets_rx.io.case_folder import TABLES, read_case_folder
from rickets_rx.resources import resource

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e308",
            "nan",
            "inf",
            "=1+1",
            "visit:1",
            "visit:1|visit:2",
            "5|9",
            "film:fig1a",
            "case2",
        ]
    ),
    st.sampled_from(
        ["table", "text", "wrist", "2_iv", "iv", "mmol/L", "µg", "kg.day", "called_normal:ALP", "x:y"]
    ),
    st.integers(-400, 400).map(str),
    st.floats(0, 3000, allow_nan=False).map(str),
    st.text(max_size=12),
)


@settings(max_examples=60, deadline=None)
@given(table=st.sampled_from(sorted(TABLES)), row=st.integers(1, 200), column=st.integers(0, 40), cell=CELLS)
def test_a_wrong_cell_is_named_or_computed(table: str, row: int, column: int, cell: str) -> None:
    source = resource("sample_images") / "hvdrr_siblings"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in source.glob("*.csv"):
            shutil.copy(file, folder / file.name)
        file = folder / f"{table}.csv"
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        rows[1 + row % (len(rows) - 1)][column % len(rows[0])] = cell
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        file.write_text(text.getvalue(), encoding="utf-8", errors="replace")
        try:
            result = heal(read_case_folder(folder), draws=5)
        except InputError as error:
            assert str(error).startswith((f"{table}.csv", "labs.csv", "radiographs.csv", "case folder"))
            return
        assert len(write_healing(result, folder / "out")) == 5
