"""Valid resources of any type, made by chance from what HL7 defines: the same chance makes the same resource.

`Maker(chance).resource("Patient")` has what R4 requires, and of the rest as much as `richness` says: decimals
of many digits, all of Unicode, extensions, primitives of which there is only an extension, resources within.
What an invariant of R4 forbids is taken out again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from patients.fhir.definitions import RESOURCE_TYPES, Choice, Element, definition, is_complex
from patients.fhir.invariants import INVARIANTS

Value = dict[str, Any]

TYPES = sorted(RESOURCE_TYPES - {"Parameters"})

# Made in a way of their own, or left to the server: of resources, and of what is in them.
_BY_HAND = frozenset({"id", "resourceType", "meta", "text", "contained", "extension", "modifierExtension"})
_BY_HAND_WITHIN = frozenset({"id", "extension", "modifierExtension"})
# What an invariant of R4 demands besides, by type.
_DEMANDED: dict[str, Value] = {
    "Appointment": {"status": "proposed"},
    "Appointment.participant": {"type": [{"text": "x"}]},
    "AppointmentResponse": {"participantType": [{"text": "x"}]},
    "Bundle": {"type": "collection"},
    "Bundle.entry": {"resource": {"resourceType": "Basic", "id": "x", "code": {"text": "x"}}},
    "Composition.section": {
        "text": {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
    },
    "ConceptMap.group.unmapped": {"mode": "provided"},
    "Condition.evidence": {"detail": [{"display": "x"}]},
    "Condition.stage": {"summary": {"text": "x"}},
    "Consent": {"policyRule": {"text": "x"}},
    "CoverageEligibilityResponse.insurance.item": {"category": {"text": "x"}},
    "DataRequirement.codeFilter": {"path": "x"},
    "DataRequirement.dateFilter": {"path": "x"},
    "Expression": {"expression": "x"},
    "Extension": {"valueCode": "x"},
    "Group": {"actual": True},
    "Immunization.education": {"documentType": "x"},
    "ImmunizationRecommendation.recommendation": {"vaccineCode": [{"text": "x"}]},
    "InsurancePlan": {"name": "x"},
    "Linkage": {
        "item": [
            {"type": "source", "resource": {"display": "x"}},
            {"type": "alternate", "resource": {"display": "y"}},
        ]
    },
    "MedicationAdministration.dosage": {"dose": {"value": 1}},
    "Observation.referenceRange": {"text": "x"},
    "Organization": {"name": "x"},
    "Parameters.parameter": {"valueCode": "x"},
    "Patient.contact": {"name": {"text": "x"}},
    "Questionnaire.item": {"type": "string"},
    "Questionnaire.item.enableWhen": {"operator": "="},
    "Ratio": {"numerator": {"value": 1}, "denominator": {"value": 2}},
    "RequestGroup.action": {"resource": {"display": "x"}},
    "ValueSet.compose.include": {"system": "urn:x"},
}
_LETTERS = (
    "abcdefghijklmnopqrstuvwxyz   AZÉßøłñ",
    "0123456789 .,:;|$\\/%_*-+'\"<>&#?",
    "山田太郎ひらがなカナ한국어 العربية हिन्दी ไทย",
    "e\u0301a\u0308\u200d\u200c\u00a0\u3000\u2028\ufeff\ufffd\ud7ff\ue000\U0001d400\U0001f469\U0010ffff",
    "\n\t\r x",
)
_LONG, _MAX_DIGITS = 18, 64
_WITHOUT_TWIN = frozenset({"Resource", "xhtml"})
_EXTENSIONS = ("valueString", "valueDecimal", "valueBoolean", "valueDate", "valueCode", "valueInteger")


class Maker:
    """Makes resources; `richness` is the chance of an optional member, and falls as it goes deeper."""

    def __init__(self, chance: random.Random, *, richness: float = 0.25) -> None:
        self.chance = chance
        self.richness = richness

    def resource(self, type: str) -> Value:
        made: Value = {"resourceType": type, **self.members(type)}
        if self._happens(0):
            made["meta"] = {"tag": [{"system": "urn:made", "code": self._code()}]}
        if "text" in definition(type).elements:
            self._add_what_all_have(type, made)
        return made

    def _add_what_all_have(self, type: str, made: Value) -> None:
        if self._happens(0):
            made["text"] = {"status": "additional", "div": self._narrative()}
        if self._happens(0):
            made["extension"] = [self._extension(0)]
        if self._happens(0) and type != "Basic":
            made["contained"] = [{"resourceType": "Basic", "id": "in", **self.members("Basic", 2)}]
            made.setdefault("extension", []).append({"url": "urn:in", "valueReference": {"reference": "#in"}})

    def members(self, type: str, depth: int = 0) -> Value:
        """Return the members of a valid value of a complex type."""
        defined = definition(type)
        choices = {member for choice in defined.choices for member in choice.members}
        by_hand = _BY_HAND if type in RESOURCE_TYPES else _BY_HAND_WITHIN
        names = [name for name in defined.elements if name not in choices and name not in by_hand]
        names += filter(None, (self._of_choice(choice, depth) for choice in defined.choices))
        made: Value = {}
        for name in names:
            element = defined.elements[name]
            if element.is_required or name in choices or self._happens(depth):
                self._put(made, name, element, depth)
        return self._allowed(type, made)

    def _of_choice(self, choice: Choice, depth: int) -> str | None:
        if not choice.is_required and not self._happens(depth):
            return None
        return self.chance.choice(choice.members)

    def _allowed(self, type: str, made: Value) -> Value:
        """Change required members, then take out optional ones, until the invariants of the type hold."""
        required = _required(type)
        demanded = _DEMANDED.get(type, {})
        _settle(type, made, {name: demanded[name] for name in demanded if name in required})
        # Twice: what one rule takes out, another may miss.
        for invariant in INVARIANTS.get(type, ()) * 2:
            optional = sorted({name.removeprefix("_") for name in made} - required)
            self.chance.shuffle(optional)
            while optional and not invariant.holds(made):
                name = optional.pop()
                made.pop(name, None)
                made.pop(f"_{name}", None)
        _settle(type, made, demanded)
        return made

    def _put(self, made: Value, name: str, element: Element, depth: int) -> None:
        count = self.chance.choice((1, 1, 2, 3)) if element.is_list and depth < 3 else 1
        values = [self.value(element, depth + 1) for _ in range(count)]
        if is_complex(element.type) or element.type in _WITHOUT_TWIN or not self._happens(depth + 1):
            made[name] = values if element.is_list else values[0]
            return
        twins: list[Any] = [{"extension": [self._extension(depth + 1)]} for _ in values]
        if self.chance.random() < 0.5 and (not element.is_required or element.is_list):
            # Only the extension is there.
            values[0] = None
            twins[1:] = [None for _ in twins[1:]]
        if values != [None]:
            made[name] = values if element.is_list else values[0]
        made[f"_{name}"] = twins if element.is_list else twins[0]

    def value(self, element: Element, depth: int = 0) -> Any:
        """Return a valid value of an element, one if there may be several."""
        if element.value_set is not None:
            return self._bound(element)
        if element.type == "Resource":
            return {"resourceType": "Basic", "id": self._id(), **self.members("Basic", depth)}
        if element.type == "Reference":
            return self._reference(element)
        if element.type == "Extension":
            return self._extension(depth)
        if is_complex(element.type):
            made = self.members(element.type, depth)
            return made or {"extension": [self._extension(depth)]}
        return _PRIMITIVES[element.type](self)

    def _bound(self, element: Element) -> Any:
        """Return a code of the one value set that R4 lets it be from, as its type has it."""
        assert element.value_set is not None
        if not is_complex(element.type):
            return self.chance.choice(sorted(element.value_set.codes))
        system = self.chance.choice(sorted(element.value_set.systems))
        coding = {"system": system, "code": self.chance.choice(sorted(element.value_set.systems[system]))}
        return {"coding": [coding]} if element.type == "CodeableConcept" else coding

    def _reference(self, element: Element) -> Value:
        types = [each for each in element.targets if each in RESOURCE_TYPES] or ["Patient"]
        made: Value = {"reference": f"{self.chance.choice(types)}/{self._id()}"}
        if self._happens(1):
            made["display"] = self._text()
        return made

    def _extension(self, depth: int) -> Value:
        if depth < 3 and self.chance.random() < 0.2:
            return {"url": self._uri(), "extension": [self._extension(depth + 1)]}
        name = self.chance.choice(_EXTENSIONS)
        element = definition("Extension").elements[name]
        return {"url": self._uri(), name: _PRIMITIVES[element.type](self)}

    def _happens(self, depth: int) -> bool:
        return self.chance.random() < self.richness / (1 + depth * 1.5)

    def _text(self) -> str:
        letters = self.chance.choice(_LETTERS)
        return "x" + "".join(self.chance.choices(letters, k=self.chance.choice((0, 1, 3, 9, 30))))

    def _narrative(self) -> str:
        text = self._text().replace("&", "&amp;").replace("<", "&lt;")
        return f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'

    def _code(self) -> str:
        return "".join(self.chance.choices("abcxyzABC019-._", k=self.chance.choice((1, 3, 8))))

    def _id(self) -> str:
        return "".join(self.chance.choices("abcxyzABC019-.", k=self.chance.choice((1, 8, 64)))).replace(
            "..", "a."
        )

    def _uri(self) -> str:
        return f"http://example.org/{self._code()}"

    def _decimal(self) -> Decimal:
        digits = self.chance.choice((1, 2, 5, 17, 40, _MAX_DIGITS))
        first = self.chance.choice("123456789")
        text = first + "".join(self.chance.choices("0123456789", k=digits - 1))
        point = self.chance.randrange(len(text) + 1)
        if point < len(text):
            text = f"{text[:point] or '0'}.{text[point:]}"
        exponent = self.chance.choice(("", "", "E-30", "E+20")) if digits < _LONG else ""
        return Decimal(self.chance.choice(("", "-")) + text + exponent)

    def _day(self) -> str:
        day = date(1, 1, 1) + timedelta(days=self.chance.randrange(3_652_059))
        return day.isoformat()

    def _date(self) -> str:
        return self._day()[: self.chance.choice((4, 7, 10))]

    def _time(self) -> str:
        fraction = self.chance.choice(("", ".5", ".120", ".123456789012"))
        return f"{self.chance.randrange(24):02}:{self.chance.randrange(60):02}:59{fraction}"

    def _instant(self) -> str:
        return f"{self._day()}T{self._time()}{self.chance.choice(('Z', '+00:00', '-12:00', '+14:00'))}"

    def _date_time(self) -> str:
        return self.chance.choice((self._date, self._instant))()


_PRIMITIVES: dict[str, Callable[[Maker], Any]] = {
    "base64Binary": lambda maker: maker.chance.choice(("aGk=", "aGVs\nbG8=", "AAAA")),
    "boolean": lambda maker: maker.chance.random() < 0.5,
    "canonical": lambda maker: maker._uri() + maker.chance.choice(("", "|1.0")),
    "code": Maker._code,
    "date": Maker._date,
    "dateTime": Maker._date_time,
    "decimal": Maker._decimal,
    "id": Maker._id,
    "instant": Maker._instant,
    "integer": lambda maker: maker.chance.choice((0, -1, 2**31 - 1, -(2**31), 42)),
    "markdown": Maker._text,
    "oid": lambda maker: f"urn:oid:1.2.{maker.chance.randrange(1, 999)}",
    "positiveInt": lambda maker: maker.chance.choice((1, 7, 2**31 - 1)),
    "string": Maker._text,
    "time": Maker._time,
    "unsignedInt": lambda maker: maker.chance.choice((0, 7, 2**31 - 1)),
    "uri": Maker._uri,
    "url": Maker._uri,
    "uuid": lambda maker: "urn:uuid:68d043b5-9ecf-4559-a57a-396e0d452311",
    "xhtml": lambda maker: maker._narrative(),
}


def _required(type: str) -> set[str]:
    defined = definition(type)
    elements = {name for name, element in defined.elements.items() if element.is_required}
    return elements.union(*(choice.members for choice in defined.choices if choice.is_required))


def _settle(type: str, made: Value, demanded: Value) -> None:
    for name, value in demanded.items():
        if not all(invariant.holds(made) for invariant in INVARIANTS.get(type, ())):
            made[name] = value
            made.pop(f"_{name}", None)
