"""Make the beam table: ``python -m rickets_rx.phantom.make_beam`` writes ``beam_table.csv`` beside this file.

Needs spekpy and xraydb; generating phantoms needs only the table. Materials are those of ICRU 44 (cortical
bone 1.92 g/cm3, soft tissue 1.06 g/cm3), elements by mass fraction.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

TABLE = Path(__file__).with_name("beam_table.csv")
TUBE_KV, FILTER_MM_AL, ANODE_DEGREES = 55.0, 2.5, 12.0
BONE_MM = np.arange(0.0, 41.0, 1.0)
TISSUE_MM = np.arange(0.0, 152.0, 4.0)

# ICRU Report 44 (1989), mass fractions.
CORTICAL_BONE = {
    "H": 0.034, "C": 0.155, "N": 0.042, "O": 0.435, "Na": 0.001, "Mg": 0.002, "P": 0.103, "S": 0.003,
    "Ca": 0.225,
}  # fmt: skip
SOFT_TISSUE = {
    "H": 0.102, "C": 0.143, "N": 0.034, "O": 0.708, "Na": 0.002, "P": 0.003, "S": 0.003, "Cl": 0.002,
    "K": 0.003,
}  # fmt: skip
DENSITY = {"bone": 1.92, "tissue": 1.06}
# The storage phosphor BaFBr:Eu, whose absorbed energy is the signal; 0.04 g/cm2 is a usual plate.
PHOSPHOR = {"Ba": 0.581, "F": 0.080, "Br": 0.339}
PHOSPHOR_G_CM2 = 0.04


def linear_attenuation(
    material: dict[str, float], density: float, kev: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Linear attenuation coefficient in 1/mm at photon energies ``kev``, by the mixture rule (xraydb,
    Elam)."""
    import xraydb

    energies = np.asarray(kev, float) * 1000
    mass = sum(share * xraydb.mu_elam(element, energies) for element, share in material.items())
    return np.asarray(mass * density / 10)


def spectrum() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Photon energies in keV and their relative fluence at the patient (spekpy)."""
    import spekpy

    source = spekpy.Spek(kvp=TUBE_KV, th=ANODE_DEGREES, dk=1.0).filter("Al", FILTER_MM_AL)
    kev, fluence = source.get_spectrum()
    return np.asarray(kev), np.asarray(fluence / fluence.sum())


def detector_weight(kev: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Energy that the plate absorbs of one photon, keV."""
    absorbed = 1 - np.exp(-linear_attenuation(PHOSPHOR, 1.0, kev) * 10 * PHOSPHOR_G_CM2)
    return np.asarray(kev * absorbed)


def signal_table() -> npt.NDArray[np.float64]:
    """Natural log of the detected energy behind bone and tissue over that of the open beam, (bone,
    tissue)."""
    kev, fluence = spectrum()
    weight = fluence * detector_weight(kev)
    bone = np.exp(-np.multiply.outer(BONE_MM, linear_attenuation(CORTICAL_BONE, DENSITY["bone"], kev)))
    tissue = np.exp(-np.multiply.outer(TISSUE_MM, linear_attenuation(SOFT_TISSUE, DENSITY["tissue"], kev)))
    return np.asarray(np.log(np.einsum("be,te,e->bt", bone, tissue, weight) / weight.sum()))


def main() -> None:
    """Write the table with a header that says what it holds."""
    rows = f"mm of cortical bone {BONE_MM[0]:g}..{BONE_MM[-1]:g} step 1"
    columns = f"mm of soft tissue {TISSUE_MM[0]:g}..{TISSUE_MM[-1]:g} step 4"
    beam = f"{TUBE_KV:g} kV, {FILTER_MM_AL:g} mm Al, BaFBr {PHOSPHOR_G_CM2} g/cm2"
    header = f"ln(signal / open beam); rows: {rows}; columns: {columns}; {beam}"
    np.savetxt(TABLE, signal_table(), fmt="%.5f", delimiter=",", header=header)


if __name__ == "__main__":
    main()
