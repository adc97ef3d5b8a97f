"""Compile HL7's search parameters into the table that search and extraction read.

    python -m patients.fhir.definitions.build_search_parameters PATH_TO_DEFINITIONS

The folder holds `search-parameters.json`, packed with gzip (SOURCES.md says where it comes from). What an
expression selects is worked out here, against the packaged elements, so that a write only follows paths.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.definitions.search_expressions import Selection, bound_system, selections

_TARGET = Path(__file__).parent / "search_parameters.json.gz"
_WITHOUT_DOMAIN = frozenset({"Binary", "Bundle", "Parameters"})
_DEFINITION = "http://hl7.org/fhir/SearchParameter/"

# Named queries are operations of a server, of which there are none here; the other is R5's.
_LEFT_OUT = frozenset({f"{_DEFINITION}Resource-query", f"{_DEFINITION}DeviceDefinition-classification"})
# R4 has it in prose only (https://hl7.org/fhir/R4/search.html#list).
_LIST = {
    "type": "reference",
    "url": "",
    "documentation": "Resources that a List holds.",
    "expression": "",
    "system": None,
    "targets": ["List"],
    "selections": [],
    "components": [],
}

# HL7's own definition has these two the wrong way round (relatesTo is the reference, relation the code).
_SWAPPED = {
    f"{_DEFINITION}DocumentReference-relatesto": "DocumentReference-relation",
    f"{_DEFINITION}DocumentReference-relation": "DocumentReference-relatesto",
}

Parameter = dict[str, Any]
Table = dict[str, dict[str, Parameter]]


def main(folder: Path) -> None:
    """Write the packaged table."""
    text = json.dumps(compile_table(folder), separators=(",", ":"))
    _TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


def compile_table(folder: Path) -> Table:
    """Return the search parameters of each resource type, both in alphabetical order."""
    bundle = json.loads(gzip.decompress((folder / "search-parameters.json.gz").read_bytes()))
    sources = {entry["resource"]["url"]: entry["resource"] for entry in bundle["entry"]}
    table: Table = {resource_type: {"_list": _LIST} for resource_type in sorted(RESOURCE_TYPES)}
    for url in sources.keys() - _LEFT_OUT:
        for resource_type in _types(sources[url]["base"]):
            table[resource_type][sources[url]["code"]] = _parameter(sources[url], resource_type, sources)
    return {resource_type: dict(sorted(named.items())) for resource_type, named in table.items()}


def _types(bases: list[str]) -> Iterator[str]:
    for base in bases:
        if base == "Resource":
            yield from RESOURCE_TYPES
        elif base == "DomainResource":
            yield from RESOURCE_TYPES - _WITHOUT_DOMAIN
        else:
            yield base


def _parameter(source: Any, resource_type: str, sources: Any) -> Parameter:
    expression = re.sub(r"^Resource\b", resource_type, source.get("expression", ""))
    selected = selections(expression, root=resource_type, context=resource_type)
    contexts = [datatype for _, datatype, _ in selected]
    return {
        "type": source["type"],
        "url": source["url"],
        "documentation": _documentation(source, resource_type),
        "expression": _of_type(expression, resource_type),
        "system": bound_system(selected, resource_type),
        "targets": _targets(source),
        "selections": [] if source["type"] == "special" else selected,
        "components": [
            _component(component, resource_type, contexts, sources)
            for component in source.get("component", ())
        ],
    }


def _component(component: Any, resource_type: str, contexts: list[str], sources: Any) -> Parameter:
    """Return a component, whose expression is about the element that the composite's own selects."""
    url = component["definition"]
    source = sources[_DEFINITION + _SWAPPED[url] if url in _SWAPPED else url]
    selected: list[Selection] = []
    for context in contexts:
        for each in selections(component["expression"], root=resource_type, context=context):
            if each not in selected:
                selected.append(each)
    return {
        "name": source["code"],
        "type": source["type"],
        "url": source["url"],
        "documentation": _documentation(source, resource_type),
        "expression": component["expression"],
        "system": bound_system(selected, contexts[0]),
        "targets": _targets(source),
        "selections": selected,
        "components": [],
    }


def _targets(source: Any) -> list[str]:
    """Return the types that references are to: none if they may be to any."""
    return sorted(set(source.get("target", ())) & RESOURCE_TYPES)


def _of_type(expression: str, resource_type: str) -> str:
    """Return the alternatives of an expression that are about the type."""
    alternatives = (alternative.strip() for alternative in expression.split("|"))
    return " | ".join(each for each in alternatives if each.lstrip("(").split(".")[0] == resource_type)


def _documentation(source: Any, resource_type: str) -> str:
    """Return what is said of the parameter, of several types only what is said of this one."""
    lines = [line.strip("* ").strip() for line in source["description"].split("\r\n")]
    prefix = f"[{resource_type}]"
    own = [line for line in lines if line.startswith(prefix)]
    text = own[0].split(":", 1)[-1].strip() if own else " ".join(filter(None, lines))
    return text if text.endswith((".", "?")) else f"{text}."


if __name__ == "__main__":
    main(Path(sys.argv[1]))
