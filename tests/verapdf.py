"""Checks PDFs with veraPDF, the reference checker of PDF/A and PDF/UA.

Needs Java and Maven: `failures()` fetches the checker once into var/verapdf (20 MB). Where one of them is
missing, or nothing can be fetched, `missing()` says so and the tests that need it name this as their reason.
By hand: python -m tests.verapdf datei.pdf
"""

import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

VERSION = "1.28.2"
#: A run of seconds is over before the better compiler pays: half the time.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
FOLDER = Path(__file__).resolve().parent.parent / "var" / "verapdf" / VERSION
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tests</groupId><artifactId>verapdf</artifactId><version>1</version>
<dependencies><dependency><groupId>org.verapdf.apps</groupId>
<artifactId>greenfield-apps</artifactId><version>{VERSION}</version></dependency></dependencies></project>"""


@cache
def missing() -> str:
    """Why PDFs cannot be checked here; empty when they can."""
    lacking = [name for name in ("java", "mvn") if not shutil.which(name)]
    if lacking == ["mvn"] and any(FOLDER.glob("*.jar")):
        return ""
    if lacking:
        return f"veraPDF needs {' and '.join(lacking)}"
    try:
        _fetch()
    except (OSError, subprocess.SubprocessError) as error:
        return f"veraPDF {VERSION} could not be fetched: {type(error).__name__}"
    return ""


def _fetch() -> None:
    if any(FOLDER.glob("*.jar")):
        return
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as folder:
        Path(folder, "pom.xml").write_text(POM)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/jars"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        if not FOLDER.exists():  # another test process may have been faster
            Path(folder, "jars").rename(FOLDER)


def failures(content: bytes, flavour: str = "ua1") -> list[str]:
    """The rules of a flavour (ua1, 3a) that the PDF breaks, one line each with the first place."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        command = [*JAVA, "-cp", f"{FOLDER}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
        result = subprocess.run(
            [*command, "--flavour", flavour, "--format", "json", file.name], capture_output=True, text=True, timeout=300
        )
    job = json.loads(result.stdout)["report"]["jobs"][0]
    outcome = job["validationResult"]
    outcome = outcome[0] if isinstance(outcome, list) else outcome
    broken = [rule for rule in outcome["details"]["ruleSummaries"] if rule["ruleStatus"] == "FAILED"]
    return [
        f"{rule['clause']}-{rule['testNumber']} ({rule['failedChecks']}×): {rule['description']} "
        + rule["checks"][0]["context"]
        for rule in broken
    ]


if __name__ == "__main__":
    if missing():
        sys.exit(missing())
    for name in sys.argv[1:]:
        for flavour in ("ua1", "3a"):
            found = failures(Path(name).read_bytes(), flavour)
            print(name, flavour, "0 failures" if not found else "\n".join(["", *found]))
