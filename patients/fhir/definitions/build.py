"""Compile HL7's definitions into the tables that validation reads.

    python -m patients.fhir.definitions.build PATH_TO_DEFINITIONS

The folder holds `fhir.schema.json`, `profiles-types.json`, `profiles-resources.json`, `valuesets.json` and
`v3-codesystems.json`, each packed with gzip (SOURCES.md says where they come from). The JSON schema decides
which elements there are; the StructureDefinitions say what may stand in them.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patients.fhir.definitions.build_value_sets import ValueSets

_HERE = Path(__file__).parent
_SYSTEM_TYPE = "http://hl7.org/fhirpath/System.String"
_STRUCTURE_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"

# The copy of the StructureDefinitions has other elements in the place of these.
_RESTORED: dict[str, dict[str, dict[str, Any]]] = {
    "EvidenceVariable.characteristic": {
        "definitionDataRequirement": {"type": "DataRequirement"},
        "definitionTriggerDefinition": {"type": "TriggerDefinition"},
        "usageContext": {"type": "UsageContext", "list": True},
        "participantEffectiveDateTime": {"type": "dateTime"},
        "participantEffectivePeriod": {"type": "Period"},
        "participantEffectiveDuration": {"type": "Duration"},
        "participantEffectiveTiming": {"type": "Timing"},
        "timeFromStart": {"type": "Duration"},
        "groupMeasure": {"type": "code"},
    },
    "Bundle.entry.response": {"outcome": {"type": "Resource"}},
}
_RESTORED_CHOICES: dict[str, dict[str, bool]] = {
    "EvidenceVariable.characteristic": {"definition[x]": True, "participantEffective[x]": False}
}
# The JSON schema takes this element of R4 for the type of a resource.
_LOST_BY_SCHEMA = "ExampleScenario.instance.resourceType"


def main(folder: Path) -> None:
    """Write the packaged tables."""
    (_HERE / "resource_types.txt").write_text("\n".join(resource_types(folder)) + "\n")
    text = json.dumps(compile_tables(folder), separators=(",", ":"))
    (_HERE / "elements.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def resource_types(folder: Path) -> list[str]:
    """Return the names of all resource types of R4."""
    return sorted(_read(folder, "fhir.schema")["discriminator"]["mapping"])


def compile_tables(folder: Path) -> dict[str, Any]:
    """Return the types with their elements, and the value sets that their codes must be from."""
    schema = _read(folder, "fhir.schema")["definitions"]
    value_sets = ValueSets([*_resources(folder, "valuesets"), *_resources(folder, "v3-codesystems")])
    types: dict[str, Any] = {}
    for structure in _structures(folder, schema):
        known = {_LOST_BY_SCHEMA, *_schema_paths(structure["id"], structure["id"], schema)}
        for element in structure["snapshot"]["element"][1:]:
            _add_element(types, element, known, value_sets)
    _restore(types)
    return {"types": types, "value_sets": value_sets.used}


def _read(folder: Path, name: str) -> Any:
    return json.loads(gzip.decompress((folder / f"{name}.json.gz").read_bytes()))


def _resources(folder: Path, name: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in _read(folder, name)["entry"]]


def _structures(folder: Path, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the StructureDefinitions of the types that the schema knows."""
    for name in ("profiles-types", "profiles-resources"):
        for resource in _resources(folder, name):
            if resource["resourceType"] == "StructureDefinition" and _is_type(resource, schema):
                yield resource


def _is_type(structure: dict[str, Any], schema: dict[str, Any]) -> bool:
    is_constraint = structure.get("derivation") == "constraint"
    return structure["id"] in schema and structure["kind"] != "primitive-type" and not is_constraint


def _schema_paths(
    name: str, path: str, schema: dict[str, Any], within: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the paths of a type's members, backbone elements included."""
    for member, property_schema in schema[name]["properties"].items():
        yield f"{path}.{member}"
        reference = property_schema.get("items", property_schema).get("$ref", "").rpartition("/")[2]
        if reference.startswith(f"{path.partition('.')[0]}_") and reference not in within:
            yield from _schema_paths(reference, f"{path}.{member}", schema, (*within, reference))


def _add_element(
    types: dict[str, Any], element: dict[str, Any], known: set[str], value_sets: ValueSets
) -> None:
    parent, _, name = element["path"].rpartition(".")
    members = {
        member: kind for member, kind in _members(name, element).items() if f"{parent}.{member}" in known
    }
    if not members:
        return
    definition = types.setdefault(parent, {"elements": {}, "choices": {}})
    for member, kind in members.items():
        definition["elements"][member] = _element(element, kind, value_sets)
    if name.endswith("[x]"):
        definition["choices"][name] = {"members": list(members), "required": element["min"] > 0}


def _members(name: str, element: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the JSON members of an element, each with its type."""
    if "contentReference" in element:
        return {name: {"code": element["contentReference"].rpartition("#")[2]}}
    if not name.endswith("[x]"):
        return {name: element["type"][0]}
    stem = name.removesuffix("[x]")
    return {stem + kind["code"][0].upper() + kind["code"][1:]: kind for kind in element["type"]}


def _element(element: dict[str, Any], kind: dict[str, Any], value_sets: ValueSets) -> dict[str, Any]:
    compiled: dict[str, Any] = {"type": _type_name(element, kind)}
    if element["max"] != "1":
        compiled["list"] = True
    # Only whole members of resources are chosen for summaries.
    if element.get("isSummary") and element["path"].count(".") == 1:
        compiled["summary"] = True
    if element["min"] > 0 and not element["path"].endswith("[x]"):
        compiled["required"] = True
    if kind["code"] in {"code", "Coding", "CodeableConcept"} and (codes := value_sets.required_by(element)):
        compiled["codes"] = codes
    targets = [target.removeprefix(_STRUCTURE_DEFINITION) for target in kind.get("targetProfile", ())]
    if kind["code"] == "Reference" and targets and "Resource" not in targets:
        compiled["targets"] = targets
    return compiled


def _type_name(element: dict[str, Any], kind: dict[str, Any]) -> str:
    code: str = kind["code"]
    if code in {"BackboneElement", "Element"}:
        return str(element["path"])
    if code != _SYSTEM_TYPE:
        return code
    # The types of ids and of Extension.url are FHIRPath's: they have no extensions.
    is_resource_id = element.get("base", {}).get("path") == "Resource.id"
    return "id" if is_resource_id else "System.Url" if element["path"].endswith(".url") else "System.String"


def _restore(types: dict[str, Any]) -> None:
    for path, elements in _RESTORED.items():
        types[path]["elements"].update(elements)
        for choice, is_required in _RESTORED_CHOICES.get(path, {}).items():
            stem = choice.removesuffix("[x]")
            members = [name for name in types[path]["elements"] if name.startswith(stem)]
            types[path]["choices"][choice] = {"members": members, "required": is_required}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
