"""`python -m integrations.files.samples dx --rows 5000 --seed 2 --into folder`: writes sample files."""

from __future__ import annotations

import argparse
from pathlib import Path

from integrations.files.presets import PRESETS
from integrations.files.samples.writing import write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m integrations.files.samples", description=__doc__)
    parser.add_argument("preset", nargs="*", choices=[*PRESETS, []], help="all of them if none is named")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--into", type=Path, default=Path("docs/samples"))
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    for slug in given.preset or PRESETS:
        path = given.into / PRESETS[slug].sample.name
        with path.open("wb") as stream:
            write(slug, stream, rows=given.rows, seed=given.seed)
        print(path)


if __name__ == "__main__":
    main()
