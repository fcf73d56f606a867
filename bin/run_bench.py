"""bin/bench [mail|pages|search|pdf|plan] [--n N]: measures beside a baseline in the same run; one JSON object a line.

tests/benchmarks/bench_<name>.py has `run(n)`: rows with "name", "value", "unit", "baseline", "baseline_value", "n";
the ratio is added here. The measured portal is the one the environment names, else a fresh embedded one.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "benchmarks"


def main() -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="bin/bench", description=f"Misst: {', '.join(names) or 'noch nichts'}.")
    parser.add_argument("names", nargs="*", metavar="name", help="was gemessen wird; ohne Angabe alles")
    parser.add_argument("--n", type=int, default=0, help="Wiederholungen (0: was die Messung für richtig hält)")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown:
        parser.error(f"unbekannt: {', '.join(unknown)}; es gibt {', '.join(names) or 'noch nichts'}")
    with tempfile.TemporaryDirectory(prefix="mobipro-bench-", ignore_cleanup_errors=True) as var:
        os.environ.setdefault("MOBIPRO_VAR", var)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mobipro.settings")
        for name in given.names or names:
            for row in importlib.import_module(f"tests.benchmarks.bench_{name}").run(given.n):
                baseline = row.get("baseline_value")
                row.setdefault("ratio", round(row["value"] / baseline, 3) if baseline else None)
                print(json.dumps(row, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
