"""Tables of the contract, made from the store row after row: memory does not grow with the archive."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from rickets_rx.batch.store import Store, transaction
from rickets_rx.grade.course import with_course
from rickets_rx.io.results import IMAGE_COLUMNS, Row, score_columns, write_table

FAILURE_COLUMNS = ["file", "stage", "reason", "error_type"]

#: Columns of both tables that hold words; the others hold numbers.
TEXT_COLUMNS = (
    "file image_sha256 patient_id joint side bone status reason scale activity flags method spacing_source "
    "null_reasons"
).split()
_INTEGER_COLUMNS = ("day", "instance")


def write_tables(store: Store, out: Path) -> None:
    """``scores.csv``, ``images.csv``, ``failures.csv``, and Parquet twins where pyarrow is installed.

    Each takes its place by rename. The order is that of the input, whatever the order of the work.
    """
    settle_patients(store)
    settle_courses(store)
    write_table(out / "scores.csv", score_columns(), score_rows(store))
    write_table(out / "images.csv", IMAGE_COLUMNS, image_rows(store))
    write_table(out / "failures.csv", FAILURE_COLUMNS, failure_rows(store))
    for table in ("scores", "images"):
        write_parquet(out / f"{table}.csv")


def settle_patients(store: Store) -> None:
    """Patient and day of every listed film: the user's own first, else those of the DICOM header.

    Header days count from that patient's first listed film. A patient with a day from the user keeps the
    user's origin, to which header days cannot be tied, so that these stay empty.
    """
    with transaction(store.connection):
        store.connection.execute(
            "UPDATE listing SET day = asked_day, patient_id = COALESCE(asked_patient,"
            " (SELECT patient FROM films WHERE films.key = listing.key))"
        )
        store.connection.execute(
            "WITH origin AS (SELECT patient_id, MIN(header_day) AS day0, COUNT(asked_day) AS asked"
            " FROM listing JOIN films USING (key) WHERE patient_id IS NOT NULL GROUP BY patient_id)"
            " UPDATE listing SET day = (SELECT header_day - day0 FROM origin, films"
            " WHERE origin.patient_id = listing.patient_id AND films.key = listing.key AND asked = 0)"
            " WHERE asked_day IS NULL AND patient_id IS NOT NULL"
        )


def settle_courses(store: Store) -> None:
    """Activity of bones with earlier films, one patient at a time, kept beside the rows."""
    films = list(_films_with_course(store))
    with transaction(store.connection):
        store.connection.execute("DELETE FROM course")
        store.connection.executemany("INSERT INTO course VALUES (?, ?, ?)", films)


def _films_with_course(store: Store) -> Iterator[tuple[int, int, str]]:
    rows = store.done(
        "position, file, patient_id, day, scores",
        order="patient_id, position",
        where="patient_id IN (SELECT patient_id FROM listing WHERE day IS NOT NULL"
        " GROUP BY patient_id HAVING COUNT(DISTINCT day) > 1)",
    )
    for _, films in groupby(rows, key=lambda film: film["patient_id"]):
        places, before = [], []
        for film in films:
            for i, row in enumerate(json.loads(film["scores"])):
                places.append((film["position"], i))
                before.append(_listed(film) | row)
        for place, old, new in zip(places, before, with_course(before), strict=True):
            if new.get("activity") != old.get("activity"):
                yield *place, str(new["activity"])


def score_rows(store: Store) -> Iterator[Row]:
    """Rows of scores.csv in input order."""
    course = {
        (row["position"], row["row"]): row["activity"]
        for row in store.connection.execute("SELECT position, row, activity FROM course")
    }
    for film in store.done("position, file, patient_id, day, scores"):
        for i, row in enumerate(json.loads(film["scores"])):
            settled = course.get((film["position"], i))
            yield _listed(film) | row | ({} if settled is None else {"activity": settled})


def image_rows(store: Store) -> Iterator[Row]:
    """Rows of images.csv in input order."""
    for film in store.done("file, patient_id, day, images"):
        for row in json.loads(film["images"]):
            yield _listed(film) | row


def failure_rows(store: Store) -> Iterator[Row]:
    """Rows of failures.csv in input order."""
    for file, failure in store.failures():
        yield {
            "file": file,
            "stage": failure.stage,
            "reason": failure.reason(file),
            "error_type": failure.error_type,
        }


def _listed(film: Any) -> Row:
    return {name: film[name] for name in ("file", "patient_id", "day")}


def write_parquet(table: Path) -> bool:
    """A Parquet twin of a CSV table, cell for cell; False where pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import csv, parquet
    except ImportError:
        return False
    from rickets_rx.io.atomic import atomic_write

    names = table.read_text("utf-8").split("\n", 1)[0].split(",")
    kinds = {name: pa.float64() for name in names}
    kinds |= {name: pa.string() for name in TEXT_COLUMNS if name in kinds}
    kinds |= {name: pa.int64() for name in _INTEGER_COLUMNS if name in kinds}
    options = csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    parsing = csv.ParseOptions(newlines_in_values=True)
    with (
        csv.open_csv(table, convert_options=options, parse_options=parsing) as reader,
        atomic_write(table.with_suffix(".parquet")) as handle,
        parquet.ParquetWriter(handle, reader.schema) as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
    return True
