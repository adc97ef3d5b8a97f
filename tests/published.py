"""Resources and definitions that others published, if they lie beside this checkout.

They are too large to carry along. Where they come from: `../shared/data/developers/README.md`. A test that
needs them is skipped without them, and says so; on the build server it fails.
"""

from __future__ import annotations

import bz2
import gzip
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "developers"
DEFINITIONS = FOLDER / "definitions"

needs_published_data = pytest.mark.skipif(
    not FOLDER.is_dir() and "FHIRSITE_REQUIRE_PUBLISHED_DATA" not in os.environ,
    reason=f"no published data in {FOLDER}",
)


def definition(name: str) -> Any:
    """Return one of HL7's definitions."""
    return json.loads(gzip.decompress((DEFINITIONS / f"{name}.json.gz").read_bytes()))


def hl7_example_texts() -> list[bytes]:
    """Return HL7's examples of R4 as they were published, one resource each."""
    (path,) = (FOLDER / "hl7-examples").glob("*.ndjson.gz")
    return gzip.decompress(path.read_bytes()).splitlines()


@cache
def hl7_examples() -> tuple[dict[str, Any], ...]:
    """Return HL7's examples of R4, one resource each."""
    return tuple(json.loads(line, parse_float=Decimal) for line in hl7_example_texts())


def synthea_texts() -> Iterator[bytes]:
    """Yield all bundles of Synthea as they were published: hospitals, practitioners, patients."""
    for path in sorted((FOLDER / "synthea").glob("*.bz2")):
        yield bz2.decompress(path.read_bytes())


def synthea_bundles(limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the transaction bundles of Synthea's patients, in the order of their names."""
    paths = sorted(path for path in (FOLDER / "synthea").glob("*.bz2") if not path.name.startswith("0-"))
    for path in paths[:limit]:
        yield json.loads(bz2.decompress(path.read_bytes()), parse_float=Decimal)
