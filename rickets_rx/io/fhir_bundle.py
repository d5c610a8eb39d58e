"""Opens a FHIR R4 Bundle: only the fields that a table needs are taken, and the library checks those.

Names, addresses, identifiers, photographs and notes are dropped before anything else looks at a resource.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rickets_rx.errors import InputError, UsageError

Resource = dict[str, Any]
_EFFECTIVE = ("effectiveDateTime", "effectivePeriod")
FIELDS: dict[str, tuple[str, ...]] = {
    "Patient": ("id", "gender", "birthDate"),
    "Observation": (
        "status", "code", "subject", *_EFFECTIVE, "effectiveInstant", "effectiveTiming", "valueQuantity",
        "valueString", "valueCodeableConcept", "dataAbsentReason", "method", "referenceRange", "component",
    ),
    "MedicationStatement": (
        "status", "medicationCodeableConcept", "medicationReference", "subject", "context", *_EFFECTIVE,
        "dosage",
    ),
    "Medication": ("id", "code"),
    "EpisodeOfCare": ("id", "status", "type", "patient"),
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One resource of a Bundle: its place (from 1) and its checked fields."""

    number: int
    kind: str
    resource: Resource


@dataclass(frozen=True)
class Bundle:
    """Checked entries by kind, what references point to, and how many resources of other kinds there are.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    targets : dict
        ``Type/id``, and the whole ``fullUrl``, to the entry.
    """

    name: str
    entries: dict[str, list[Entry]]
    targets: dict[str, Entry]
    others: dict[str, int] = field(default_factory=dict)

    def error(self, entry: Entry, where: str, problem: str, mend: str) -> InputError:
        """An error that names the file, the entry and the element, and nobody."""
        return InputError(self.name, f"entry {entry.number}, {entry.kind}{where}", problem, mend)

    def target(self, reference: Any, kind: str) -> Entry | None:
        """What a reference points to, if it is a resource of this kind in the Bundle."""
        written = str((reference or {}).get("reference") or "")
        found = self.targets.get(written) or self.targets.get("/".join(written.split("/")[-2:]))
        return found if found is not None and found.kind == kind else None


def open_bundle(path: Path) -> Bundle:
    """Read and check a Bundle in JSON.

    Raises
    ------
    InputError
        Where it is no Bundle, or an entry is not valid FHIR; names the entry and the element.
    UsageError
        Without the library (extra ``fhir``).
    """
    content = _json(path)
    models = _models()
    entries: dict[str, list[Entry]] = {kind: [] for kind in FIELDS}
    bundle = Bundle(path.name, entries, {})
    for number, (url, resource) in enumerate(_resources(path.name, content), start=1):
        kind = str(resource.get("resourceType"))
        if kind not in FIELDS:
            bundle.others[kind] = bundle.others.get(kind, 0) + 1
            continue
        entry = Entry(number, kind, {name: resource[name] for name in FIELDS[kind] if name in resource})
        _check(bundle, entry, models[kind])
        entries[kind].append(entry)
        for contained in resource.get("contained") or []:
            _keep_contained(entry, contained)
        bundle.targets[url] = entry
        if "id" in resource:
            bundle.targets[f"{kind}/{resource['id']}"] = entry
    return bundle


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError(str(path), "file", "is not there", "Give a case folder or a FHIR Bundle.") from None
    except (ValueError, RecursionError):
        raise InputError(
            path.name, "file", "is not JSON in UTF-8", "Give a case folder, or a FHIR R4 Bundle in JSON."
        ) from None


def _resources(name: str, content: Any) -> Iterator[tuple[str, Resource]]:
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle":
        raise InputError(name, "resourceType", "is not Bundle", "Export a FHIR R4 Bundle in JSON.")
    listed = content.get("entry") or []
    if not isinstance(listed, list):
        raise InputError(name, "Bundle.entry", "is not a list", "Export a FHIR R4 Bundle in JSON.")
    for number, one in enumerate(listed, start=1):
        resource = one.get("resource") if isinstance(one, dict) else None
        if not isinstance(resource, dict):
            raise InputError(name, f"entry {number}", "holds no resource", "Export the resources themselves.")
        yield str(one.get("fullUrl") or f"entry {number}"), resource


def _models() -> dict[str, Any]:
    """The library's classes; R4B, since the resources read here did not change from R4 to R4B."""
    try:
        from fhir.resources.R4B.episodeofcare import EpisodeOfCare
        from fhir.resources.R4B.medication import Medication
        from fhir.resources.R4B.medicationstatement import MedicationStatement
        from fhir.resources.R4B.observation import Observation
        from fhir.resources.R4B.patient import Patient
    except ImportError:
        raise UsageError("FHIR Bundles need fhir.resources: install rickets-rx[fhir]") from None
    found = (Patient, Observation, MedicationStatement, Medication, EpisodeOfCare)
    return {model.__name__: model for model in found}


def _check(bundle: Bundle, entry: Entry, model: Any) -> None:
    from pydantic import ValidationError

    try:
        model.model_validate(entry.resource)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = "".join(f".{part}" for part in first["loc"])
        # The library may quote what stands there, which may be a person's: only its place is told.
        raise bundle.error(entry, where, "is not valid FHIR R4", "Correct the element.") from None


def _keep_contained(entry: Entry, contained: Any) -> None:
    """A Medication inside a statement stands in the place of its reference."""
    wanted = str((entry.resource.get("medicationReference") or {}).get("reference") or "")
    if isinstance(contained, dict) and wanted == f"#{contained.get('id')}":
        entry.resource["medicationCodeableConcept"] = contained.get("code") or {}


def concept_words(concept: Any) -> str:
    """Text of a CodeableConcept, else the display, else the code of its first coding; "" for none."""
    concept = concept or {}
    coding = (concept.get("coding") or [{}])[0]
    return str(concept.get("text") or coding.get("display") or coding.get("code") or "")


def codes_of(concept: Any, system: str) -> list[str]:
    """Codes of one system in a CodeableConcept."""
    coded = (concept or {}).get("coding") or []
    return [str(one["code"]) for one in coded if one.get("system") == system and "code" in one]
