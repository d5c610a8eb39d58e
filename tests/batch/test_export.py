"""Tables made from the store: patients, days, courses over films, and the Parquet twins."""

import csv
from pathlib import Path

import pytest

from rickets_rx.batch.export import TEXT_COLUMNS, write_parquet, write_tables
from rickets_rx.batch.outcome import FilmOutcome
from rickets_rx.batch.store import Store, open_store
from rickets_rx.features.registry import feature_units
from rickets_rx.io.results import IMAGE_COLUMNS, FilmRequest, FilmRows, score_columns


def put(store: Store, requests: list[FilmRequest], headers: list[tuple[str | None, int | None]]) -> None:
    """Store films without bones, with what their DICOM headers say of patient and shifted day."""
    store.list_films(requests)
    for i, (request, (patient, day)) in enumerate(zip(requests, headers, strict=True)):
        row = {"image_sha256": str(i), "status": "refused", "file": request.file}
        store.assign(i, f"key {i}")
        outcome = FilmOutcome(request, FilmRows((), (row,)), str(i), None, 0.5, patient, day)
        store.put(f"key {i}", outcome, "rule")


def film(name: str, patient: str | None = None, day: int | None = None) -> FilmRequest:
    return FilmRequest(Path(name), name, patient, day)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_header_days_count_from_the_first_film_of_each_patient(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(
            store,
            [film("a"), film("b"), film("c"), film("d")],
            [("p1", 7100), ("p2", 50), ("p1", 7000), (None, None)],
        )
        write_tables(store, tmp_path)
    rows = table(tmp_path / "images.csv")
    assert [(row["patient_id"], row["day"]) for row in rows] == [
        ("p1", "100"),
        ("p2", "0"),
        ("p1", "0"),
        ("", ""),
    ]


def test_a_patient_with_days_from_the_user_gets_none_from_headers(tmp_path: Path) -> None:
    requests = [film("a", "P", 10), film("b", "P"), film("c", "Q")]
    with open_store(tmp_path) as store:
        put(store, requests, [("P", 300), ("P", 320), ("Q", 9)])
        write_tables(store, tmp_path)
    rows = table(tmp_path / "images.csv")
    assert [(row["patient_id"], row["day"]) for row in rows] == [("P", "10"), ("P", ""), ("Q", "0")]


def scored_row(severity: float) -> dict[str, object]:
    """A radius whose signs of activity are gone when ``severity`` is 0."""
    start: dict[str, object] = dict.fromkeys(score_columns())
    start |= dict.fromkeys(feature_units(), 0.0)
    healed = {"lucency": 1.2, "zone_contrast": 0.6, "zone_continuity": 1.0, "edge_blur": 0.0}
    start |= {"side": "left", "bone": "radius", "status": "scored", "severity": severity, "flags": ""}
    if severity:
        return start | {"grade": 2.0, "activity": "active"}
    return start | healed | {"grade": 0.5, "activity": "indeterminate"}


def test_activity_is_settled_from_earlier_films_wherever_they_stand_in_the_input(tmp_path: Path) -> None:
    later, earlier, other = film("later", "P", 90), film("earlier", "P", 0), film("other", "Q", 90)
    with open_store(tmp_path) as store:
        store.list_films([later, earlier, other])
        for i, (request, severity) in enumerate([(later, 0.0), (earlier, 1.0), (other, 0.0)]):
            store.assign(i, f"key {i}")
            refused = {"side": "left", "bone": "ulna", "status": "refused", "reason": "cut_off"}
            rows = FilmRows((refused, scored_row(severity)), ({"status": "scored"},))
            store.put(f"key {i}", FilmOutcome(request, rows, str(i)), "")
        write_tables(store, tmp_path)
    found = [row["activity"] for row in table(tmp_path / "scores.csv") if row["status"] == "scored"]
    assert found == ["residual", "active", "indeterminate"]


def test_every_column_of_words_exists(tmp_path: Path) -> None:
    assert set(TEXT_COLUMNS) <= {*score_columns(), *IMAGE_COLUMNS}


def test_parquet_holds_what_the_csv_holds(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    header = "file,day,grade,flags,reason"
    (tmp_path / "scores.csv").write_text(f'{header}\na.png,3,0.5,,\n"b,\n1.png",,,x;y,cut_off\n')
    assert write_parquet(tmp_path / "scores.csv")
    rows = parquet.read_table(tmp_path / "scores.parquet").to_pylist()
    assert rows == [
        {"file": "a.png", "day": 3, "grade": 0.5, "flags": None, "reason": None},
        {"file": "b,\n1.png", "day": None, "grade": None, "flags": "x;y", "reason": "cut_off"},
    ]
