"""design.toml: what a study fixed beforehand, so that a report is not shaped by its results.

::

    title = "Wrist grades, hospital A, 2027"
    reference = ["anna", "ben"]      # readers of the consensus; all readers where not given
    adjudicator = "carla"            # her grade is the reference where she gave one
    construction = ["truth"]         # not a reader: truth by construction of phantoms or simulation
    margin = 0.1                     # of non-inferiority, in quadratic weighted kappa
    cluster = "family"               # or "patient"; families where they are known if not given
    bone_cut_offs = [0.5, 1, 1.5]
    total_cut_offs = [1.5, 2]
    age_bands_years = [0, 1, 2, 5, 10]
    subgroups = ["bone", "side", "age_band", "device", "spacing_source", "severity"]
    lab_window_days = 28
    case_folder = "case"             # patients.csv for families and ages, labs.csv for ALP and PTH
    films = "films.csv"              # image_sha256, patient_id, day, device, ...: facts for subgroups

    [statements]                     # text of checklist items that no program can know
    "CLAIM 7" = "Consecutive children of the rickets clinic, 2024-2026."
"""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rickets_rx.agreement.checklist_items import item_names
from rickets_rx.errors import InputError

DEFAULT_SUBGROUPS = ("bone", "side", "age_band", "device", "spacing_source", "severity")


@dataclass(frozen=True)
class StudyDesign:
    """Choices made before the readings were seen; see the module for each of them.

    Parameters
    ----------
    margin : float
        Of non-inferiority, quadratic weighted kappa, > 0. 0.1 is ours.
    bone_cut_offs, total_cut_offs : tuple of float
        "at least" cut-offs of the reference grade of one bone and of radius + ulna. Ours: the trials' 1.5 and
        2.0 are of other components (total RSS, knee).
    age_bands_years : tuple of float
        Lower ends of bands, rising.
    lab_window_days : int
        Furthest a laboratory value may lie from its film.
    """

    title: str = "Agreement of readers and machine"
    reference: tuple[str, ...] = ()
    adjudicator: str = ""
    construction: tuple[str, ...] = ()
    margin: float = 0.1
    cluster: str = ""
    bone_cut_offs: tuple[float, ...] = (0.5, 1.0, 1.5)
    total_cut_offs: tuple[float, ...] = (1.5, 2.0)
    age_bands_years: tuple[float, ...] = (0.0, 1.0, 2.0, 5.0, 10.0)
    subgroups: tuple[str, ...] = DEFAULT_SUBGROUPS
    lab_window_days: int = 28
    case_folder: Path | None = None
    films: Path | None = None
    statements: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For validation.json; paths by their last part only."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        plain = {k: v.name if isinstance(v, Path) else v for k, v in values.items()}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}


def read_design(path: Path | str) -> StudyDesign:
    """Read and check a design.toml; its paths are relative to its own folder.

    Raises
    ------
    InputError
        Naming the key at fault.
    """
    path = Path(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problem = f"cannot be opened ({error.strerror})"
        raise InputError(path.name, "file", problem, "Check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(path.name, "file", f"is not TOML ({error})", "Correct it at that place") from None
    known = {f.name: f for f in fields(StudyDesign)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        mend = f"Known keys: {', '.join(known)}"
        raise InputError(path.name, f"key {unknown[0]}", "is not known", mend)
    values = {name: _checked(path, name, value, known[name].type) for name, value in given.items()}
    design = StudyDesign(**values)
    _check_values(path.name, design)
    return design


def _checked(path: Path, name: str, value: Any, wanted: Any) -> Any:
    """One value as its field wants it."""
    if wanted is str and isinstance(value, str):
        return value
    if wanted is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if wanted is float and _is_number(value):
        return float(value)
    if wanted == tuple[str, ...] and _all(value, lambda one: isinstance(one, str)):
        return tuple(value)
    if wanted == tuple[float, ...] and _all(value, _is_number):
        return tuple(float(one) for one in value)
    if wanted == dict[str, str] and isinstance(value, dict) and _all([*value.values()], _is_text):
        return dict(value)
    if name in ("case_folder", "films") and isinstance(value, str):
        return path.parent / value
    problem = f"{value!r} is of the wrong kind"
    raise InputError(path.name, f"key {name}", problem, "See the example in docs/agreement.md")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _all(value: Any, test: Any) -> bool:
    return isinstance(value, list) and all(test(one) for one in value)


def _check_values(file: str, design: StudyDesign) -> None:
    if design.margin <= 0:
        raise InputError(file, "key margin", "is not above 0", "Give a margin in kappa, e.g. 0.1")
    if design.cluster not in ("", "patient", "family"):
        raise InputError(file, "key cluster", f"{design.cluster!r} is unknown", "Give patient or family")
    if list(design.age_bands_years) != sorted(set(design.age_bands_years)):
        raise InputError(file, "key age_bands_years", "does not rise", "Give lower ends in rising order")
    strange = sorted(set(design.statements) - set(item_names()))
    if strange:
        problem = "is no item of CLAIM 2024 or GRRAS 2011"
        raise InputError(file, f"statement {strange[0]!r}", problem, 'Write e.g. "CLAIM 7" or "GRRAS 3"')
    both = set(design.construction) & {*design.reference, design.adjudicator}
    if both:
        problem = f"{sorted(both)[0]} is both truth by construction and a reader"
        raise InputError(file, "key construction", problem, "Name each once")
