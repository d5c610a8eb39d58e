"""Makes irrcac_values.csv with the Python port irrCAC, installed apart (`pip install --no-deps irrCAC`).

Run from this folder by a person when a definition changes, never by the tests. Categories are named: left to
itself, irrCAC 0.4.4 with pandas 3 counts the missing value as a sixth category.
"""

from importlib.metadata import version
from pathlib import Path

import pandas as pd
from irrCAC.datasets import raw_4raters
from irrCAC.raw import CAC

HERE = Path(__file__).parent
CASES = {
    "raw_4raters": (raw_4raters(), [1, 2, 3, 4, 5]),
    "readings": (pd.read_csv(HERE / "readings.csv")[["a", "b", "c"]], [0, 0.5, 1, 1.5, 2]),
}

rows = []
for name, (table, labels) in CASES.items():
    for weights in ("identity", "linear", "quadratic"):
        found = CAC(table, weights=weights, categories=labels, digits=12).gwet()["est"]
        for part, key in (("value", "coefficient_value"), ("se", "se"), ("pa", "pa"), ("pe", "pe")):
            rows.append((f"{name}.{weights}.{part}", float(found[key]), f"irrCAC {version('irrCAC')}"))
pd.DataFrame(rows, columns=["name", "value", "made_by"]).to_csv(HERE / "irrcac_values.csv", index=False)
