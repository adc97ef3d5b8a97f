"""Rows of resources that are alike but for whose they are and when: made once, then filled in.

A stencil is cut from the rows of one probe (`rows_of`, so by the functions of every write): what the probe's
particulars have become in them, keys and hashes included, are the holes. A second probe is made both ways
when it is cut, and must come out the same: what depends on the particulars in some other way is seen there.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from patients.fhir.resource import Resource, from_value
from patients.fhir.search_keys import reference_key
from patients.fhir.search_values.dates import of_date
from patients.fhir.values.strings import exact_hash, fold
from patients.generation.rows import TEXTS, Rows, rows_of
from patients.models import writing

# For each table lines of COPY.
Blocks = dict[str, str]

_REFERENCES = (("subject", "Patient"), ("patient", "Patient"), ("encounter", "Encounter"))


@dataclass(frozen=True, slots=True)
class Particulars:
    """Whose Observation it is, and when it was made; times as FHIR writes them."""

    resource_id: str
    id: str
    last_updated: str
    patient: str
    encounter: str
    effective: str
    issued: str


_PROBES = (
    Particulars(
        resource_id="@resource@",
        id="probe-observation-1",
        last_updated="2001-02-03T04:05:06.789Z",
        patient="probe-patient-1",
        encounter="probe-encounter-1",
        effective="1901-02-03T04:05:07+01:00",
        issued="1901-02-03T04:05:07.891+01:00",
    ),
    Particulars(
        resource_id="1234567",
        id="another",
        last_updated="2002-03-04T05:06:07.123Z",
        patient="P.2",
        encounter="P.2-7",
        effective="2017-12-31T23:59:59-05:00",
        issued="2018-01-01T00:00:00.001-05:00",
    ),
)


class StencilError(Exception):
    """The rows depend on the particulars in a way that the stencil does not know of."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """The blocks of all Observations that have the same code, value and category."""

    blocks: Blocks
    content: str
    listed: tuple[str, ...]
    unlisted: tuple[str, ...]

    def filled(self, particulars: Particulars) -> Blocks:
        """The rows of the Observation with these particulars."""
        texts = _texts(particulars)
        texts["content_hash"] = str(exact_hash(self.content % texts))
        listed = sorted([*self.listed, *(texts[f"key_{name}"] for name, _ in _REFERENCES)])
        texts["keys"] = ",".join([*listed, *self.unlisted])
        return {table: block % texts for table, block in self.blocks.items()}


def resource_of(template: dict[str, Any], particulars: Particulars) -> Resource:
    """The Observation itself."""
    own = {
        "id": particulars.id,
        "subject": {"reference": f"Patient/{particulars.patient}"},
        "encounter": {"reference": f"Encounter/{particulars.encounter}"},
        "effectiveDateTime": particulars.effective,
        "issued": particulars.issued,
    }
    return from_value({**template, **own})


def rows_by_extraction(template: dict[str, Any], particulars: Particulars) -> Rows:
    """Its rows as any write makes them."""
    change = writing.change_to(
        resource_of(template, particulars), id=particulars.id, expected_version=0, method="POST"
    )
    return rows_of(change, resource_id=particulars.resource_id, last_updated=particulars.last_updated)


def blocks_of(rows: Rows) -> Blocks:
    """Rows as lines of COPY."""
    return {table: "".join("\t".join(row) + "\n" for row in found) for table, found in rows.items()}


def cut(template: dict[str, Any]) -> Stencil:
    """Make the stencil of an Observation.

    :raises StencilError: if filling it in would not give the rows that a write makes.
    """
    probe, other = _PROBES
    rows = rows_by_extraction(template, probe)
    texts = _texts(probe)
    listed = [row[0] for row in rows["search_list"]]
    all_keys = rows["search_resources"][0][-1].strip("{}")
    # Its hash stands beside it: of what has no particulars the hash has none either.
    content = next(row[-1] for row in rows[TEXTS] if row[2] == "_content")
    texts["content_hash"] = str(exact_hash(content))
    texts["keys"] = all_keys
    holes = {text: name for name, text in texts.items()}
    stencil = Stencil(
        blocks={table: _holed(block, holes) for table, block in blocks_of(rows).items()},
        content=_holed(content, holes),
        listed=tuple(key for key in listed if key not in holes),
        unlisted=tuple(key for key in all_keys.split(",") if key not in listed),
    )
    if _lines(stencil.filled(other)) != _lines(blocks_of(rows_by_extraction(template, other))):
        raise StencilError(f"An Observation of {template['code']} cannot be made by filling in a stencil.")
    return stencil


def _texts(particulars: Particulars) -> dict[str, str]:
    """What the particulars become in rows."""
    ((start, end),) = of_date(particulars.effective)
    return {
        "resource_id": particulars.resource_id,
        "id": particulars.id,
        "last_updated": particulars.last_updated,
        "patient": particulars.patient,
        "encounter": particulars.encounter,
        "effective": particulars.effective,
        "effective_folded": fold(particulars.effective),
        "issued": particulars.issued,
        "issued_folded": fold(particulars.issued),
        "start": start.isoformat(),
        "end": end.isoformat(),
        **_keys(particulars.patient, particulars.encounter),
    }


@lru_cache(maxsize=4_096)
def _keys(patient: str, encounter: str) -> dict[str, str]:
    targets = {"Patient": patient, "Encounter": encounter}
    return {
        f"key_{parameter}": reference_key("Observation", parameter, target_type, targets[target_type]).hex
        for parameter, target_type in _REFERENCES
    }


def _holed(text: str, holes: dict[str, str]) -> str:
    longest_first = sorted(map(re.escape, holes), key=len, reverse=True)
    return re.sub("|".join(longest_first), lambda found: f"%({holes[found[0]]})s", text.replace("%", "%%"))


def _lines(blocks: Blocks) -> dict[str, list[str]]:
    return {table: sorted(block.splitlines()) for table, block in blocks.items()}
