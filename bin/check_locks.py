"""Every requirement of pyproject.toml stands in the locks, in a version it allows; and nowhere an index address."""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    if "://" in text:
        sys.exit(f"{name} names an address.")
    return {canonicalize_name(package): version for package, version in PIN.findall(text)}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"]
    problems = []
    for lock, wanted in (
        ("requirements.lock", runtime),
        ("requirements-dev.lock", [*runtime, *project["dependency-groups"]["dev"]]),
    ):
        locked = pins(lock)
        for line in wanted:
            requirement = Requirement(line)
            version = locked.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                problems.append(f"{lock}: {line} is locked as {version}")
    if problems:
        sys.exit("\n".join(problems))
    print("The locks hold what pyproject.toml asks for.")


if __name__ == "__main__":
    main()
