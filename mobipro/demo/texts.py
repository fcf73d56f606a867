"""The demo world's texts, read from the JSON files beside this module."""

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """The content of `<name>.json`."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
