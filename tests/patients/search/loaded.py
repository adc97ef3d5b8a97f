"""What HL7 and Synthea published, loaded as an operator does, under ids that nothing else in the tests has.

The ids follow from the suffix: a query that failed finds the same resources in another run. Some get labels,
of which the published ones have few.
"""

from __future__ import annotations

import bz2
import json
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from perf.database import Query, fetch_primary
from tests import published
from tests.patients.fhir.test_validation_of_published_resources import REFUSED_EXAMPLES
from tests.patients.interactions.load.loads import load

_OURS = Query(
    "loaded resources",
    """
    SELECT v.content FROM fhir_resources r
    JOIN fhir_resource_versions v ON v.resource_id = r.id AND v.version_id = r.version_id
    WHERE r.id > %s AND NOT r.deleted ORDER BY r.resource_type, r.fhir_id
    """,
)
_LAST = Query("last resource", "SELECT coalesce(max(id), 0) FROM fhir_resources")
_NUMBER = "\ue000"
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(?=$|/_history/)")
# By these Synthea's bundles refer to each other's resources.
_IDENTIFIERS = ("https://github.com/synthetichealth/synthea", "http://hl7.org/fhir/sid/us-npi")


def loaded(folder: Path, *, suffix: str, bundles: int) -> list[dict[str, Any]]:
    """HL7's examples and the first bundles of Synthea's patients, as they are stored."""
    before = fetch_primary(_LAST)[0][0]
    examples = folder / "examples.ndjson"
    examples.write_text("\n".join(_written(each) for each in _examples(suffix)), encoding="utf-8")
    paths = [examples]
    for name, text in _synthea(bundles):
        paths.append(folder / f"{name}.json")
        paths[-1].write_text(_written(_of_synthea(text, suffix)), encoding="utf-8")
    run = load(*paths)
    assert run.exit_code == 0, run.errors
    return [json.loads(content, parse_float=Decimal) for (content,) in fetch_primary(_OURS, (before,))]


def _examples(suffix: str) -> Iterator[Any]:
    for text in published.hl7_example_texts():
        resource = _read(text)
        if (resource["resourceType"], resource["id"]) not in REFUSED_EXAMPLES:
            yield _labelled(_renamed(resource, suffix))


def _synthea(bundles: int) -> Iterator[tuple[str, bytes]]:
    paths = sorted((published.FOLDER / "synthea").glob("*.bz2"))
    for path in paths[: bundles + 2]:
        yield path.name.partition(".")[0], bz2.decompress(path.read_bytes())


def _of_synthea(text: bytes, suffix: str) -> Any:
    for system in _IDENTIFIERS:
        text = text.replace(system.encode(), f"{system}-{suffix}".encode())
    bundle = _read(text)
    for entry in bundle["entry"]:
        _labelled(entry["resource"])
    return bundle


def _renamed(value: Any, suffix: str) -> Any:
    """With all ids and relative references changed: nothing refers to what others have stored."""
    if isinstance(value, list):
        return [_renamed(each, suffix) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: each if name == "contained" else _renamed(each, suffix) for name, each in value.items()}
    if "contained" in value:
        # The ids of contained resources stay: they are referred to as #id.
        changed["contained"] = [
            {**_renamed(each, suffix), **({"id": each["id"]} if "id" in each else {})}
            for each in value["contained"]
        ]
    if "resourceType" in value and "id" in value:
        changed["id"] = f"{value['id']}-{suffix}"
    if isinstance(value.get("reference"), str):
        changed["reference"] = _RELATIVE.sub(rf"\g<0>-{suffix}", value["reference"])
    return changed


def _labelled(resource: Any) -> Any:
    chance = random.Random(json.dumps(resource))
    meta = resource.get("meta", {})
    for name, system in (("tag", "http://example.org/tags"), ("security", "http://example.org/labels")):
        if chance.random() < 0.3:
            codes = chance.sample(["red", "Green", "blue,grey", "a|b", "white"], k=chance.choice([1, 1, 2]))
            meta.setdefault(name, []).extend({"system": system, "code": code} for code in codes)
    if chance.random() < 0.3:
        meta["source"] = f"http://example.org/sources/{chance.choice(['a', 'a/b', 'b'])}"
    if chance.random() < 0.2:
        profile = f"http://example.org/profiles/{chance.choice(['x', 'x/y|1.0', 'z'])}"
        meta.setdefault("profile", []).append(profile)
    if meta:
        resource["meta"] = meta
    return resource


def _read(text: bytes) -> Any:
    """With numbers as they are written."""
    return json.loads(text, parse_float=lambda written: f"{_NUMBER}{written}{_NUMBER}")


def _written(value: Any) -> str:
    return re.sub(rf'"{_NUMBER}([^"]*){_NUMBER}"', r"\1", json.dumps(value, ensure_ascii=False))
