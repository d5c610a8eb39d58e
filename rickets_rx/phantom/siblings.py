"""The sample films: ``python -m rickets_rx.phantom.siblings --out sample_images``.

Synthetic films for the five figures that the case report of the two sisters describes and does not show here,
shaped by its words (sample_images/hvdrr_siblings/README.md), and a few phantoms across the scale. The same
command gives the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rickets_rx.phantom.disease import Disease
from rickets_rx.phantom.exposure import Exposure
from rickets_rx.phantom.film import PhantomFilm
from rickets_rx.phantom.layout import Layout
from rickets_rx.phantom.write import COLUMNS, save_film, synthetic_film, truth_rows
from rickets_rx.vocabulary import BONES_OF_JOINT, Joint, Side

# mm per pixel of the sample films: fine enough for fraying (domain.md 3.6).
PITCH = 0.144


@dataclass(frozen=True)
class SampleFilm:
    """One film to make: where it goes, whose bones, and the child's age in years."""

    file: str
    joint: Joint
    disease: Disease
    age: float
    seed: int
    layout: Layout


_WRIST = Layout(behind=2.2, beyond=3.2, beside=0.5)
_HAND = Layout(behind=2.0, beyond=None, beside=0.4)
_ELBOW = Layout(behind=1.6, beyond=1.6, beside=0.3)

# One child keeps one seed, so that her bones keep their shape from film to film.
_SISTER_1, _SISTER_2 = 20170, 20171

SIBLINGS = (
    # 1a: before treatment, advanced: cupping and fraying of the metaphyseal ends; a film of the hand.
    SampleFilm("case1_fig1a.png", Joint.WRIST, Disease.active(0.95), 2.5, _SISTER_1, _HAND),
    # 1b: partial healing: zone re-ossified, fraying half filled, cup still there.
    SampleFilm("case1_fig1b.png", Joint.WRIST, Disease.healing(0.3, 0.95), 3.2, _SISTER_1, _WRIST),
    # 1c: progressive healing four months into cinacalcet: dense line, no fraying, a shallow cup left.
    SampleFilm("case1_fig1c.png", Joint.WRIST, Disease.healing(0.65, 0.95), 3.5, _SISTER_1, _WRIST),
    # 3a: rickets at the elbow of the infant.
    SampleFilm("case2_fig3a.png", Joint.ELBOW, Disease.active(0.9), 0.5, _SISTER_2, _ELBOW),
    # 3b: markedly improved; zone back, the cup only half gone.
    SampleFilm("case2_fig3b.png", Joint.ELBOW, Disease.healing(0.5, 0.95), 0.95, _SISTER_2, _ELBOW),
)

# Seeds of a child each; severities across Thacher's scale.
SCALE = tuple(
    SampleFilm(f"{joint}_{name}.png", joint, disease, age, seed, _WRIST if joint is Joint.WRIST else _ELBOW)
    for joint, age, first in ((Joint.WRIST, 3.0, 300), (Joint.ELBOW, 2.0, 400))
    for seed, (name, disease) in enumerate(
        (
            ("normal", Disease()),
            ("mild", Disease.active(0.3)),
            ("moderate", Disease.active(0.6)),
            ("severe", Disease.active(1.0)),
        ),
        start=first,
    )
)


def sample_film(sample: SampleFilm) -> PhantomFilm:
    """The stamped film.

    The radius of the wrist and the humerus of the elbow carry the disease in full; the other bone a little
    less, as neighbours differ.
    """
    first, second, *_ = BONES_OF_JOINT[sample.joint]
    milder = replace(sample.disease, cup=0.8 * sample.disease.cup, splay=0.8 * sample.disease.splay)
    return synthetic_film(
        sample.joint,
        {first: sample.disease, second: milder},
        sample.seed,
        age=sample.age,
        side=Side.LEFT,
        layout=replace(sample.layout, marker=""),
        spacing_mm=PITCH,
        exposure=Exposure(),
    )


def write_samples(out: Path) -> Iterator[Path]:
    """Write the sisters' films to ``out/hvdrr_siblings/films``, the others with truth to ``out/phantoms``.

    ``truth.csv`` beside the phantoms tells what each was made as; what the sisters' synthetic films were made
    as says nothing of the sisters and is not written.
    """
    from rickets_rx.io.results import write_table

    rows: list[dict[str, object]] = []
    for folder, samples in (("hvdrr_siblings/films", SIBLINGS), ("phantoms", SCALE)):
        (out / folder).mkdir(parents=True, exist_ok=True)
        for sample in samples:
            film, path = sample_film(sample), out / folder / sample.file
            sha256 = save_film(film, path)
            if samples is SCALE:
                rows += truth_rows(film, sample.file, sha256)
            yield path
    write_table(out / "phantoms" / "truth.csv", list(COLUMNS), rows)


def main() -> None:
    """Command line of the sample films."""
    import argparse
    import sys

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("sample_images"))
    for path in write_samples(parser.parse_args().out):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
