"""A plan, as far as a scheduler needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """The text of a plan goes to workers as it is: they need no file."""

    text: str
    sha256: str
    shards: int
    job: dict

    @classmethod
    def read(cls, path: str | Path) -> Plan:
        """Reads a file. `gik` itself holds it against its hash."""
        return cls.parse(Path(path).read_text())

    @classmethod
    def parse(cls, text: str) -> Plan:
        document = json.loads(text)
        return cls(text, document["sha256"], len(document["shards"]), document["job"])
