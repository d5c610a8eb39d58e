"""The validation as a page in Markdown, made from its JSON alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.grade.result import GRADES
from rickets_rx.validation.aims import AIMS, COURSE_AIMS, course_figure, held, number, range_words
from rickets_rx.validation.courses import WITHIN
from rickets_rx.validation.words import FIGURES, SETS, STATISTICS, statistic_words, table, value_words

Content = Mapping[str, Any]
CONSTRUCTED = ("wrists_whole_scale", "wrists", "elbows", "painted")
_GROUPS = (
    "bone: radius", "bone: ulna", "bone: humerus", "bone: radius_proximal", "painter: density",
    "painter: retreat",
)  # fmt: skip
_CHIEF = (
    ("refused", ""),
    ("kappa_quadratic", "bone"),
    ("kappa_moved_anchors", ""),
    ("share_within_near", "bone"),
    ("share_exact", "bone"),
    ("bias", "bone"),
    ("spearman_severity", ""),
    ("coverage_severity", ""),
    ("width_severity", ""),
    ("found", ""),
    ("corner_error_median", ""),
)


def markdown(content: Content) -> str:
    """The page. Nothing in it is typed by hand: another JSON gives another page."""
    sections: Sequence[Callable[[Content], Iterator[str]]] = (
        _cannot, _sets, _recovery, _by_grade, _normals, _refusals, _courses, _readers, _missed, _made,
    )  # fmt: skip
    lines = ["# The project's own validation", "", RESEARCH_USE_ONLY, ""]
    for section in sections:
        lines += section(content)
    return "\n".join(lines).rstrip() + "\n"


def _cannot(content: Content) -> Iterator[str]:
    yield from ("## What cannot be shown", "")
    yield from (f"- {line}" for line in content["cannot"])
    yield ""
    yield (
        "What follows shows whether the program finds again what was constructed, and leaves normal children "
        "alone. **Recovery of construction is no agreement with readers**: no figure of it may be set beside "
        "a kappa of people."
    )
    yield ""


def _sets(content: Content) -> Iterator[str]:
    yield from ("## What it was held against", "")
    rows = []
    for name, words in SETS.items():
        one = content["sets"].get(name)
        if one is None:
            rows.append([words, "not there in this run", "", ""])
            continue
        whole = "" if one["films"] == one["films_asked"] else f" of {one['films_asked']} asked"
        bones = str(one["bones"]) if one["bones"] else ""
        rows.append([words, one["what"], f"{one['films']}{whole}", bones])
    yield from table(("set", "what", "films", "bones with truth"), rows)
    if "real_films" in content["sets"]:
        one = content["sets"]["real_films"]
        yield (
            f"Real films were looked at while the program was built, so theirs are no clean test figures; "
            f"{one['trained_on']} that trained a network are left out. Films are read where they lie and are "
            "no part of the project."
        )
        yield ""


def _recovery(content: Content) -> Iterator[str]:
    there = [name for name in CONSTRUCTED if name in content["sets"]]
    yield from ("## Recovery of construction", "")
    rows = []
    for statistic, group in _CHIEF:
        cells = [value_words(number(content, name, statistic, group)) for name in there]
        rows.append([STATISTICS[statistic], *cells])
    yield from table(("all bones", *(SETS[name] for name in there)), rows)
    yield from ("By bone and by painter, quadratic κ and share within half a grade:", "")
    head = "set", "part", "bones", "quadratic κ", "within half a grade"
    yield from table(head, list(_bones(content, there)))
    yield (
        "Intervals: 95 %, BCa bootstrap of whole children (of films for painted wrists); exact where every "
        "draw is alike. A bone that was refused is in no agreement; how many were refused stands first."
    )
    yield ""
    yield (
        "The networks and the grader's tables were made with phantoms of the same generator and other seeds: "
        "these are new children of a kind that the program knows. The painters share its idea of the disease "
        "and its truth rule; nothing was trained on films of the painter called retreat."
    )
    yield ""


def _bones(content: Content, there: Sequence[str]) -> Iterator[list[str]]:
    for name in there:
        for group in _GROUPS:
            kappa = number(content, name, "kappa_quadratic", f"bone; {group}")
            near = number(content, name, "share_within_near", f"bone; {group}")
            if kappa is not None:
                words = value_words(kappa), value_words(near)
                shown = group.removeprefix("bone: ").replace("_", " ")
                yield [SETS[name], shown, str(kappa["units"]), *words]


def _by_grade(content: Content) -> Iterator[str]:
    there = [name for name in CONSTRUCTED if name in content["sets"]]
    yield from ("### By true grade", "")
    rows = []
    for name in there:
        for grade in GRADES:
            group = f"true grade {grade:g}"
            near = number(content, name, "share_within_near", group)
            if near is not None and near["units"]:
                covered = number(content, name, "coverage_severity", group)
                rows.append(
                    [SETS[name], f"{grade:g}", str(near["units"]), value_words(near), value_words(covered)]
                )
    yield from table(("set", "true grade", "bones", "within half a grade", "90 % interval holds"), rows)


def _normals(content: Content) -> Iterator[str]:
    one = content["sets"].get("real_films")
    if one is None:
        return
    yield from ("## Real wrists", "", "Normal bones, by a reader's word:", "")
    names = ("at_0", "at_most_half", "at_least_1.5", "refused")
    rows = []
    for group in ("", "radius", "ulna"):
        found = [number(content, "real_films", name, group) for name in names]
        units = str(found[0]["units"]) if found[0] else ""
        rows.append([group or "both", units, *(value_words(row) for row in found)])
    yield from table(("bone", "bones", *(STATISTICS[name] for name in names)), rows)
    places = ("found", "corner_error_median", "corner_error_p90")
    told = "; ".join(_said(number(content, "real_films", name, "")) for name in places)
    yield from (f"All marked bones: {told}. Graded bones on no marked one: {one['surplus']}.", "")
    if one["others"]:
        yield from ("Bones that the reader did not call normal (no truth, no figure uses them):", "")
        shown = [[film, bone, said, *_grade(*grade)] for film, bone, said, *grade in one["others"]]
        yield from table(("film", "bone", "reader", "grade", "interval"), shown)
    rest = content["sets"].get("unmarked")
    if rest is not None:
        told = "; ".join(_said(row) for row in rest["numbers"])
        yield from (f"{rest['films']} further hands, normal or unknown, without marks: {told}.", "")


def _said(row: Mapping[str, Any] | None) -> str:
    return f"{statistic_words(row)} {value_words(row)}" if row else "—"


def _grade(grade: float | None, low: float | None, high: float | None) -> list[str]:
    return ["none", ""] if grade is None else [f"{grade:g}", f"{low:g}–{high:g}"]


def _refusals(content: Content) -> Iterator[str]:
    one = content["sets"].get("to_be_refused")
    if one is not None:
        yield from ("## Films to be refused", "")
        kinds = list(dict.fromkeys(row["group"] for row in one["numbers"]))
        rows = []
        for kind in kinds:
            refused = number(content, "to_be_refused", "refused", kind)
            named = number(content, "to_be_refused", "named", kind)
            units = str(refused["units"]) if refused else ""
            rows.append([kind.replace("_", " ") or "all", units, value_words(refused), value_words(named)])
        yield from table(("phantoms", "films", "refused", "with the right reason"), rows)
    real = content["sets"].get("real_to_be_refused")
    if real is not None:
        told = "; ".join(_outcome(*film) for film in real["listed"])
        yield from (f"Real ones: {told}.", "")


def _outcome(film: str, reason: str | None, scored: int) -> str:
    return f"{film} {f'{scored} bones graded' if scored else (reason or 'every bone refused')}"


def _courses(content: Content) -> Iterator[str]:
    yield from ("## Simulated courses", "")
    if not content["courses"]:
        yield from ("No trial was given to this run; see healing.md.", "")
        return
    head = ["figure", *(_trial_words(one["trial"]) for one in content["courses"])]
    rows = []
    for name, part, _, _ in COURSE_AIMS:
        found = [course_figure(one, name, part) for one in content["courses"]]
        share = name != "change_index_kappa"
        cells = [f"{value_words(row, share=share)}, n = {row['n']}" if row else "—" for row in found]
        rows.append([FIGURES[f"{name} {part}".strip()], *cells])
    yield from table(head, rows)


def _trial_words(trial: Mapping[str, Any]) -> str:
    told = [f"seed {trial['seed']}" if "seed" in trial else "trial", str(trial.get("joint", ""))]
    told.append(f"{trial['run']} courses" if "run" in trial else "")
    return ", ".join(part for part in told if part)


def _readers(content: Content) -> Iterator[str]:
    found = content["readers"]
    model = found["model"]
    yield from ("## Simulated readers", "")
    yield (
        f"Nobody read: {model['children']} children with {model['films']} films each, readers and a machine "
        "of chosen bias and noise. What the report of one such study found, beside what was put in:"
    )
    yield ""
    rows = [[statistic_words(row), value_words(row), value_words(_truth(row))] for row in found["numbers"]]
    yield from table(("number", "found", "put in"), rows)
    for one in content["coverage"]:
        yield from _coverage(one)


def _truth(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": row["truth"], "statistic": row["statistic"]}


def _coverage(one: Mapping[str, Any], most: int = 12) -> Iterator[str]:
    low, high = (f"{100 * share:g}" for share in WITHIN)
    yield (
        f"Coverage of 95 % intervals, `{one['table']}`: {one['within']} of {one['intervals']} lie within "
        f"{low} and {high} % over {one['repeats']} repeats."
    )
    outside = [
        f"{what} {statistic_words({'statistic': name, 'group': ''})} ({kind}) {100 * float(share):.1f} %"
        for what, name, kind, share in one["outside"]
    ]
    if outside:
        more = f"; and {len(outside) - most} more" if len(outside) > most else ""
        yield f"Outside: {'; '.join(outside[:most])}{more}."
    yield ""


def missed(content: Content) -> list[str]:
    """Aims that were not reached, in words."""
    found = []
    for aim in AIMS:
        row = number(content, aim.set, aim.statistic, aim.group)
        if row is not None and held(row, aim.low, aim.high) is False:
            wanted = range_words(aim.low, aim.high)
            found.append(f"{SETS[aim.set]}, {statistic_words(row)}: {value_words(row)}; wanted {wanted}")
    for trial in content["courses"]:
        for name, part, low, high in COURSE_AIMS:
            row = course_figure(trial, name, part)
            if row is not None and held(row, low, high) is False:
                words = FIGURES[f"{name} {part}".strip()]
                share = name != "change_index_kappa"
                wanted = range_words(low, high)
                told = _trial_words(trial["trial"])
                found.append(f"courses ({told}), {words}: {value_words(row, share=share)}; wanted {wanted}")
    return found


def _missed(content: Content) -> Iterator[str]:
    yield from ("## What was not reached", "", "Aims are ours, set before these films were drawn.", "")
    yield from (f"- {line}" for line in missed(content) or ["nothing"])
    yield ""


def _made(content: Content) -> Iterator[str]:
    told = content["provenance"]
    yield from ("## How this page was made", "")
    yield (
        f"`rickets-rx validate-own --out DIR --films FILMS --wrists {told['wrists']} --trial TRIAL.json "
        "--coverage TABLE.csv --publish .` writes `validation.json` beside this page, and makes this page, "
        "intended_use.md and the figures of the model card from it. The same software and films give the "
        "same bytes."
    )
    # In orders of their own: JSON keeps none.
    first = [(SETS[name], told["phantom_seeds"][name]) for name in SETS if name in told["phantom_seeds"]]
    seeds = "; ".join(f"{words} from {seed // 1_000_000} million" for words, seed in first)
    networks = ", ".join(
        f"`{name}` {(sha or 'missing')[:12]}" for name, sha in sorted(told["models"].items())
    )
    known = sorted((name, version) for name, version in told["libraries"].items() if version)
    libraries = ", ".join(f"{name} {version}" for name, version in known)
    draws = f"bootstrap seed {told['seed']}, {told['draws']} draws"
    yield ""
    yield f"- rickets_rx {told['version']}, source `{told['source'][:12]}`; {draws}"
    yield from (f"- networks: {networks}", f"- seeds of phantoms: {seeds}", f"- {libraries}", "")
