"""How the small set that pinned searches ask is written down: its ids stand there without their prefix."""

from __future__ import annotations

from typing import Any

PREFIX = "pin."
TAG = {"system": "urn:pinned", "code": "all"}
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"

Resource = dict[str, Any]


def resource(type: str, id: str, /, **elements: Any) -> Resource:
    # `class_` is the Encounter's class, `for_` the Task's for.
    renamed = {name.rstrip("_"): value for name, value in elements.items()}
    meta = {**renamed.pop("meta", {})}
    return {
        "resourceType": type,
        "id": PREFIX + id,
        "meta": {**meta, "tag": [TAG, *meta.get("tag", [])]},
        **renamed,
    }


def concept(*codes: tuple[str | None, str], text: str | None = None) -> Resource:
    codings = [
        {"code": code} if system is None else {"system": system, "code": code} for system, code in codes
    ]
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


def to(type: str, id: str) -> Resource:
    return {"reference": f"{type}/{PREFIX}{id}"}


def quantity(value: Any, unit: str | None = None, **others: Any) -> Resource:
    coded = {"unit": unit, "system": UCUM, "code": unit} if unit else {}
    return {"value": value, **coded, **others}


def observation(id: str, kind: str = "date", /, **elements: Any) -> Resource:
    return resource("Observation", id, **{"status": "final", "code": concept(("urn:kind", kind)), **elements})
