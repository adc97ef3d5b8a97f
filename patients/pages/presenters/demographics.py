"""The demographics of a patient: all that the Patient resource says, in rows of a label and its lines.

https://hl7.org/fhir/R4/patient.html
"""

from dataclasses import dataclass
from datetime import tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.pages.presenters.concepts import concept, concepts, period, reference
from patients.pages.presenters.identifiers import identifier
from patients.pages.presenters.people import address, full_name
from patients.pages.presenters.stored import JsonObject, member, members

USES: dict[str, str | Promise] = {
    "anonymous": gettext_lazy("anonymous"),
    "billing": gettext_lazy("billing"),
    "home": gettext_lazy("home"),
    "maiden": gettext_lazy("maiden name"),
    "mobile": gettext_lazy("mobile"),
    "nickname": gettext_lazy("nickname"),
    "official": gettext_lazy("official"),
    "old": gettext_lazy("old"),
    "secondary": gettext_lazy("secondary"),
    "temp": gettext_lazy("temporary"),
    "usual": gettext_lazy("usual"),
    "work": gettext_lazy("work"),
}
# Of HL7's v3 MaritalStatus, where the record has the bare code.
MARITAL_STATES: dict[str, str | Promise] = {
    "A": gettext_lazy("Annulled"),
    "D": gettext_lazy("Divorced"),
    "L": gettext_lazy("Legally separated"),
    "M": gettext_lazy("Married"),
    "S": gettext_lazy("Never married"),
    "T": gettext_lazy("Domestic partner"),
    "U": gettext_lazy("Unmarried"),
    "W": gettext_lazy("Widowed"),
}
TELECOM_SYSTEMS: dict[str, str | Promise] = {
    "phone": gettext_lazy("Phone"),
    "fax": gettext_lazy("Fax"),
    "email": gettext_lazy("E-mail"),
    "pager": gettext_lazy("Pager"),
    "url": gettext_lazy("Web"),
    "sms": gettext_lazy("SMS"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a row, and what qualifies it."""

    text: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A label and the lines under it."""

    label: str
    lines: tuple[Line, ...]


def demographics(value: JsonObject, zone: tzinfo) -> tuple[Row, ...]:
    rows = [
        Row(_("Names"), tuple(Line(full_name(one), _qualifier(one, zone)) for one in members(value, "name"))),
        Row(_("Marital status"), _line(_marital_status(concept(value.get("maritalStatus"))))),
        Row(_("Languages"), tuple(map(_language, members(value, "communication")))),
        Row(_("Addresses"), tuple(_address(one, zone) for one in members(value, "address"))),
        *_telecoms(value, zone),
        Row(_("Contacts"), tuple(map(_contact, members(value, "contact")))),
        Row(_("General practitioner"), _references(value, "generalPractitioner")),
        Row(_("Managing organisation"), _line(reference(member(value, "managingOrganization")))),
        *_identifiers(value, zone),
    ]
    return tuple(row for row in rows if any(line.text for line in row.lines))


def _line(text: str) -> tuple[Line, ...]:
    return (Line(text),) if text else ()


def _marital_status(written: str) -> str:
    return str(MARITAL_STATES.get(written, written))


def _qualifier(value: JsonObject, zone: tzinfo) -> str:
    use = value.get("use", "")
    return ", ".join(filter(None, (str(USES.get(use, use)), period(member(value, "period"), zone))))


def _address(value: JsonObject, zone: tzinfo) -> Line:
    shown = address(value)
    outer = [str(value[part]) for part in ("state", "country") if value.get(part)]
    return Line(", ".join(filter(None, (shown.line, shown.town, *outer))), _qualifier(value, zone))


def _telecoms(value: JsonObject, zone: tzinfo) -> list[Row]:
    rows: dict[str, list[Line]] = {}
    for one in members(value, "telecom"):
        label = str(TELECOM_SYSTEMS.get(one.get("system", ""), _("Other contact")))
        rows.setdefault(label, []).append(Line(str(one.get("value", "")), _qualifier(one, zone)))
    return [Row(label, tuple(lines)) for label, lines in rows.items()]


def _language(value: JsonObject) -> Line:
    return Line(concept(value.get("language")), _("preferred") if value.get("preferred") is True else "")


def _contact(value: JsonObject) -> Line:
    numbers = [str(one.get("value", "")) for one in members(value, "telecom")]
    name = full_name(member(value, "name")) if "name" in value else reference(member(value, "organization"))
    return Line(" · ".join(filter(None, (name, *numbers))), concepts(members(value, "relationship")))


def _references(value: JsonObject, name: str) -> tuple[Line, ...]:
    return tuple(Line(shown) for one in members(value, name) if (shown := reference(one)))


def _identifiers(value: JsonObject, zone: tzinfo) -> list[Row]:
    rows: dict[str, list[Line]] = {}
    for one in members(value, "identifier"):
        if one.get("value"):
            shown = identifier(one)
            qualifiers = (shown.system if not shown.is_typed else "", _qualifier(one, zone))
            rows.setdefault(shown.label, []).append(Line(shown.value, ", ".join(filter(None, qualifiers))))
    return [Row(label, tuple(lines)) for label, lines in rows.items()]
