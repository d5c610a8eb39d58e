"""Healing under each therapy phase, from Python.

The two sisters of the case report that comes with the package: their laboratory tables and therapy are as
printed, their films are synthetic and enter no figure. Research use only.
"""

# %% Read the case folder and compute
from pathlib import Path
from shutil import copyfile
from tempfile import mkdtemp

import pandas as pd

from rickets_rx.follow_up import film_pictures, score_case
from rickets_rx.healing.heal import heal
from rickets_rx.io.case_folder import read_case_folder
from rickets_rx.report.timeline_png import write_figures
from rickets_rx.resources import resource

case = read_case_folder(resource("sample_images") / "hvdrr_siblings")
scored = score_case(case, Path(mkdtemp()))
scores_csv = scored.out / "scores.csv"
scores = pd.read_csv(scores_csv, dtype={"patient_id": str})
result = heal(case, scores, draws=1000, seed=1)

# %% Phases: the slope of ln ALP per 30 days with its 90 % interval and count, or a reason
columns = ["patient_id", "phase", "start_day", "end_day"]
slope = [f"slope_ln_alp{part}" for part in ("", "_low", "_high", "_n", "_reason")]
result.phases[columns + slope].round(2)

# %% When values became normal, by the range the laboratory printed
normal = result.normalisation
normal[normal["range"] == "printed"].drop(columns=["range", "note"])

# %% One value in both units, with both ranges
labs = result.labs
first = labs[(labs["patient_id"] == "case1") & (labs["visit"] == "1")]
first[["analyte", "value", "unit", "value_si", "unit_si", "printed_flag", "age_flag", "multiple"]].round(2)

# %% What the program holds against the data
result.flags.groupby(["code", "patient_id"]).size().unstack(fill_value=0).reset_index()

# %% One flag in plain words
result.flags.loc[result.flags["code"] == "sibling_duplicate", "message"].iloc[0]

# %% The phase during which healing was seen: none is named, and why
{name: result.figures["case1"]["attribution"][name] for name in ("value", "reasons", "n")}

# %% Definitions of healed, as JSON
healed = result.to_json()["figures"]["case1"]["healed"]
{name: {key: one[key] for key in ("value", "reason", "words")} for name, one in healed.items()}

# %% The main figure of the first sister
pictures = list(film_pictures(case, scores_csv))
written = write_figures(result, pictures, Path(mkdtemp()))
Path(copyfile(written[0], "healing_case1.png"))
