"""The sample case folder of two sisters, and small case folders made in a test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rickets_rx.healing.heal import heal
from rickets_rx.healing.result import HealingResult
from rickets_rx.io.case_folder import CaseFolder, read_case_folder
from rickets_rx.resources import resource


@pytest.fixture(scope="session")
def sisters() -> CaseFolder:
    return read_case_folder(resource("sample_images") / "hvdrr_siblings")


@pytest.fixture(scope="session")
def healed_sisters(sisters: CaseFolder) -> HealingResult:
    return heal(sisters, draws=400, seed=1)


@pytest.fixture
def make_case(tmp_path: Path) -> Callable[..., CaseFolder]:
    """Write the tables given by name as text and read them; patient p of 400 days is there by default."""

    def make(**tables: str) -> CaseFolder:
        tables.setdefault("patients", "patient_id,sex,age_days_at_day0\np,female,400\n")
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return read_case_folder(tmp_path)

    return make
