"""Whose film it is, without saying who: a DICOM patient becomes a keyed hash, dates become days.

The hash is HMAC-SHA-256 (RFC 2104) of the issuer and the patient ID. Its key stays on this machine, outside
every output, so that the table alone cannot be matched against a list of hospital numbers.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rickets_rx.errors import InputError, UsageError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Names another place for the key, for example on a mounted secret.
KEY_VARIABLE = "RICKETS_RX_KEY_FILE"
_KEY_BYTES = 32

#: A shift hides the calendar: up to about 27 years (ours).
_LARGEST_SHIFT = 10_000

#: Earliest and latest year that can be a radiograph's.
_YEARS = (1895, 2200)

#: Date attributes of a film, the nearest to the exposure first (PS3.3 C.7.6.1, C.7.3.1, C.7.2.1).
_DATES = ("AcquisitionDate", "ContentDate", "SeriesDate", "StudyDate")


@dataclass(frozen=True)
class IdentityRule:
    """How a DICOM patient is called in the results.

    Parameters
    ----------
    key : bytes
        Secret of the keyed hash; empty: DICOM patients stay unnamed.
    keep : bool
        True: the patient ID passes through as it is, because the user asked for it.
    """

    key: bytes = field(default=b"", repr=False)
    keep: bool = False

    @property
    def mark(self) -> str:
        """Tells rows made under another rule apart, without giving the key away."""
        if self.keep:
            return "kept"
        return self._hash("identity rule")[:16] if self.key else ""

    def patient(self, issuer: str, patient_id: str) -> str | None:
        """The name of a patient, None where the header gives no ID."""
        if not patient_id or not (self.keep or self.key):
            return None
        return patient_id if self.keep else "p" + self._hash(f"{issuer}\x1f{patient_id}")[:16]

    def shifted(self, day: date, patient: str) -> int:
        """A day number shifted by a secret of this patient: differences are true, the calendar is hidden."""
        return day.toordinal() - int(self._hash(f"shift\x1f{patient}"), 16) % _LARGEST_SHIFT

    def _hash(self, text: str) -> str:
        return hmac.new(self.key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def key_file() -> Path:
    """Where the key lies: `KEY_VARIABLE`, else the user's own configuration folder."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named)
    import typer

    return Path(typer.get_app_dir("rickets-rx")) / "patient.key"


def load_key(out: Path) -> bytes:
    """The key of this user, made at first use and readable by that user alone.

    Parameters
    ----------
    out : Path
        Folder of the results, in which the key must not lie.

    Raises
    ------
    UsageError
        When the key cannot be kept, is damaged, or would lie among the results.
    """
    path = key_file()
    if path.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"{KEY_VARIABLE}: the key of patient pseudonyms must lie outside {out}")
    try:
        return _read_or_make(path)
    except OSError as error:
        raise UsageError(
            f"the key of patient pseudonyms cannot be kept at {path} ({error.strerror}). "
            f"Name another file in {KEY_VARIABLE}, or give a manifest with patient_id"
        ) from None


def _read_or_make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    key = secrets.token_bytes(_KEY_BYTES)
    with os.fdopen(handle, "w") as stream:
        stream.write(key.hex() + "\n")
    return key


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        digits = 2 * _KEY_BYTES
        raise UsageError(f"{path} holds no key of {digits} hexadecimal digits. Restore it, or move it away")
    return key


def header_identity(path: Path, rule: IdentityRule, patient_id: str | None) -> tuple[str | None, int | None]:
    """Name of the patient and shifted day of a DICOM file; (None, None) where it does not say.

    Parameters
    ----------
    path : Path
    rule : IdentityRule
    patient_id : str, optional
        The user's own pseudonym; it is the patient then, and only the day is taken from the header.

    Returns
    -------
    (patient, day)
        ``day`` only with a patient, because it counts from that patient's first film.
    """
    from rickets_rx.io.dicom_file import parse

    try:
        dataset = parse(path.read_bytes(), path.name, pixels=False)
    except (InputError, OSError):
        return None, None
    patient = patient_id or rule.patient(_text(dataset, "IssuerOfPatientID"), _text(dataset, "PatientID"))
    taken = _date(dataset)
    if patient is None or taken is None or not (rule.keep or rule.key):
        return patient, None
    return patient, rule.shifted(taken, patient)


def _text(dataset: "Dataset", keyword: str) -> str:
    from rickets_rx.io.boundary import DECODER_ERRORS

    try:
        value = dataset.get(keyword)
    except DECODER_ERRORS:
        return ""
    return "" if value is None else str(value).strip()


def _date(dataset: "Dataset") -> date | None:
    for keyword in _DATES:
        digits = _text(dataset, keyword).replace(".", "").replace("-", "")[:8]
        if len(digits) == 8 and digits.isdecimal() and _YEARS[0] <= int(digits[:4]) <= _YEARS[1]:
            try:
                return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            except ValueError:
                continue
    return None
