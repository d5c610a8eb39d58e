"""Analytes by name and LOINC, and their units. An unknown unit is an error, never a guess."""

import re
from dataclasses import dataclass, field

from rickets_rx.errors import RicketsError

# Conventional to SI, from molar masses: Ca 40.078, P 30.974, PTH(1-84) about 9.43 kDa, 25OHD3 400.64,
# 1,25(OH)2D3 416.64 (older tables print 2.6 for the last one), Mg 24.305, creatinine 113.12.
MMOL_PER_MG_DL_CALCIUM = 0.2495
MMOL_PER_MG_DL_PHOSPHORUS = 0.3229
MMOL_PER_MG_DL_MAGNESIUM = 0.4114
UMOL_PER_MG_DL_CREATININE = 88.4
PMOL_PER_PG_PTH = 0.106
NMOL_PER_NG_25OHD = 2.496
PMOL_PER_PG_125OH2D = 2.400
MOLAR_PER_MASS_URINE_CA_CREATININE = 113.12 / 40.078


class UnknownUnit(RicketsError):
    """A unit that this analyte is not known to be given in."""


@dataclass(frozen=True)
class Analyte:
    """One laboratory quantity.

    Parameters
    ----------
    name : str
        The canonical name.
    unit, unit_si : str
        Own unit of this package (conventional), and the SI one.
    to_own : dict of str to float
        Accepted unit (normalised) to the factor that turns it into ``unit``.
    si_factor : float
        ``unit`` times this is ``unit_si``.
    aliases : tuple of str
        Usual names, compared without case, spaces and punctuation.
    loinc_mass, loinc_molar : tuple of str
        LOINC codes for mass (or activity) and molar concentrations.
    plausible : (low, high)
        In ``unit``: what a living child can have (ours, deliberately wide). Outside it a factor-1000 slip
        is looked for.
    lower_limit_matters : bool
        True where disease lowers the value (Ca, P, vitamin D), so that multiples are of the lower limit.
    """

    name: str
    unit: str
    unit_si: str
    to_own: dict[str, float]
    si_factor: float
    aliases: tuple[str, ...]
    plausible: tuple[float, float]
    loinc_mass: tuple[str, ...] = ()
    loinc_molar: tuple[str, ...] = ()
    lower_limit_matters: bool = field(default=False)


def _molar(own: str, si: str, factor: float) -> dict[str, float]:
    return {own: 1.0, si: 1 / factor}


_CA = _molar("mg/dL", "mmol/L", MMOL_PER_MG_DL_CALCIUM)
_CA |= {"mg/L": 0.1, "meq/L": 0.5 / MMOL_PER_MG_DL_CALCIUM}

# LOINC: as in the vendors' catalogues; vitamin D metabolites after the LOINC panel names, codes of total and
# D3-only assays both accepted.
ANALYTES: dict[str, Analyte] = {
    analyte.name: analyte
    for analyte in (
        Analyte(
            "Ca", "mg/dL", "mmol/L", _CA, MMOL_PER_MG_DL_CALCIUM,
            ("calcium", "total calcium", "serum calcium", "calcium total"), (3.0, 20.0),
            ("17861-6",), ("2000-8",), True,
        ),
        Analyte(
            "Ca_ionised", "mg/dL", "mmol/L", _CA, MMOL_PER_MG_DL_CALCIUM,
            ("ionised calcium", "ionized calcium", "iCa", "Ca2+", "calcium ionised"), (1.0, 10.0),
            ("17864-0", "12180-6"), ("1995-0", "1994-3"), True,
        ),
        Analyte(
            "Ca_corrected", "mg/dL", "mmol/L", _CA, MMOL_PER_MG_DL_CALCIUM,
            ("corrected calcium", "albumin-corrected calcium", "calcium corrected"), (3.0, 20.0),
            (), ("29265-6",), True,
        ),
        Analyte(
            "P", "mg/dL", "mmol/L",
            _molar("mg/dL", "mmol/L", MMOL_PER_MG_DL_PHOSPHORUS) | {"mg/L": 0.1}, MMOL_PER_MG_DL_PHOSPHORUS,
            ("phosphate", "phosphorus", "inorganic phosphate", "serum phosphate", "PO4", "Pi"), (0.3, 20.0),
            ("2777-1",), ("14879-1",), True,
        ),
        Analyte(
            "ALP", "U/L", "U/L", {"U/L": 1.0, "U/dL": 10.0, "ukat/L": 60.0}, 1.0,
            ("alkaline phosphatase", "alk phos", "AP"), (10.0, 20000.0), ("6768-6",), (),
        ),
        Analyte(
            "PTH", "pg/mL", "pmol/L",
            _molar("pg/mL", "pmol/L", PMOL_PER_PG_PTH) | {"ng/L": 1.0}, PMOL_PER_PG_PTH,
            ("parathyroid hormone", "intact PTH", "iPTH", "parathormone", "parathyrin"), (1.0, 6000.0),
            ("2731-8",), ("14866-8",),
        ),
        Analyte(
            "25OHD", "ng/mL", "nmol/L",
            _molar("ng/mL", "nmol/L", NMOL_PER_NG_25OHD) | {"ug/L": 1.0}, NMOL_PER_NG_25OHD,
            ("25(OH)D", "25-OH-D", "25(OH)D3", "25-hydroxyvitamin D", "25-hydroxyvitamin D3", "calcidiol"),
            (1.0, 400.0), ("62292-8", "1989-3"), ("68438-1", "14635-7"), True,
        ),
        Analyte(
            "1,25(OH)2D", "pg/mL", "pmol/L",
            _molar("pg/mL", "pmol/L", PMOL_PER_PG_125OH2D) | {"ng/L": 1.0}, PMOL_PER_PG_125OH2D,
            ("1,25(OH)2D3", "1,25-dihydroxyvitamin D", "1,25-dihydroxyvitamin D3", "calcitriol in serum"),
            (1.0, 2000.0), ("62290-2", "1649-3"), (), True,
        ),
        Analyte(
            "albumin", "g/dL", "g/L", {"g/dL": 1.0, "g/L": 0.1}, 10.0,
            ("serum albumin", "Alb"), (0.5, 8.0), ("1751-7",), (), True,
        ),
        Analyte(
            "Mg", "mg/dL", "mmol/L",
            _molar("mg/dL", "mmol/L", MMOL_PER_MG_DL_MAGNESIUM) | {"meq/L": 0.5 / MMOL_PER_MG_DL_MAGNESIUM},
            MMOL_PER_MG_DL_MAGNESIUM, ("magnesium", "serum magnesium"), (0.3, 10.0), ("19123-9",), (), True,
        ),
        Analyte(
            "creatinine", "mg/dL", "umol/L",
            _molar("mg/dL", "umol/L", UMOL_PER_MG_DL_CREATININE)
            | {"mmol/L": 1000 / UMOL_PER_MG_DL_CREATININE},
            UMOL_PER_MG_DL_CREATININE, ("serum creatinine", "crea"), (0.05, 20.0), ("2160-0",), (),
        ),
        Analyte(
            "urine_Ca_creatinine", "mg/mg", "mmol/mmol",
            _molar("mg/mg", "mmol/mmol", MOLAR_PER_MASS_URINE_CA_CREATININE) | {"mg/g": 0.001, "g/g": 1.0}
            | {"mol/mol": 1 / MOLAR_PER_MASS_URINE_CA_CREATININE}
            | {"mmol/mol": 0.001 / MOLAR_PER_MASS_URINE_CA_CREATININE},
            MOLAR_PER_MASS_URINE_CA_CREATININE,
            ("urine calcium/creatinine", "urinary calcium creatinine ratio", "UCa/Cr"), (0.0, 10.0),
        ),
    )
}  # fmt: skip


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.lower())


_BY_NAME = {_squeeze(alias): a.name for a in ANALYTES.values() for alias in (a.name, *a.aliases)}
_BY_LOINC = {code: a.name for a in ANALYTES.values() for code in (*a.loinc_mass, *a.loinc_molar)}


def find_analyte(name: str, loinc: str = "") -> Analyte | None:
    """The analyte of a usual name, else of its LOINC code; None where neither is known."""
    found = _BY_NAME.get(_squeeze(name)) or _BY_LOINC.get(loinc)
    return ANALYTES[found] if found else None


def normal_unit(unit: str) -> str:
    """One spelling of a unit: no spaces, ``u`` for micro, capital ``L``, ``U`` for ``IU``.

    UCUM codes come out the same: ``[iU]/L`` and ``U/L`` are one, ``meq`` stands for milliequivalent, and what
    stands in braces (``mg/mg{creat}``) is a remark.
    """
    plain = re.sub(r"\{[^}]*\}|\s|\[|\]", "", unit).replace("µ", "u").replace("μ", "u").replace("mcg", "ug")
    plain = re.sub(r"^(iu|u)/", "U/", plain, flags=re.IGNORECASE)
    plain = re.sub(r"/(d|m|u)?l$", lambda m: f"/{(m.group(1) or '').lower()}L", plain, flags=re.IGNORECASE)
    return re.sub(
        r"^(mg|g|ng|pg|ug|mmol|umol|nmol|pmol|meq)/", lambda m: m.group(0).lower(), plain, flags=re.I
    )


def to_own_unit(value: float, unit: str, analyte: Analyte) -> float:
    """The value in ``analyte.unit``.

    Raises
    ------
    UnknownUnit
        Naming the units that are understood.
    """
    return value * unit_factor(unit, analyte)


def unit_factor(unit: str, analyte: Analyte) -> float:
    """What turns ``unit`` into ``analyte.unit``; raises `UnknownUnit`."""
    factor = analyte.to_own.get(normal_unit(unit))
    if factor is None:
        raise UnknownUnit(f"{unit!r} is not a unit of {analyte.name}; known are {', '.join(analyte.to_own)}")
    return factor


def slip_factor(value: float, plausible: tuple[float, float]) -> float | None:
    """The factor-1000 slip that explains an impossible value.

    Returns
    -------
    float or None
        1.0 for a plausible value; 1000 or 0.001 when multiplying by it makes it plausible; None when no
        factor of 1000 explains it.
    """
    low, high = plausible
    for factor in (1.0, 1000.0, 0.001):
        if low <= value * factor <= high:
            return factor
    return None
