"""Records about a patient, stored through the same door as any, by somebody who then sees them at once."""

from dataclasses import dataclass
from typing import Any

from patients import interactions
from patients.access import Actor
from patients.fhir.resource import from_value, parse

CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


@dataclass(frozen=True)
class Records:
    """What one person writes."""

    actor: Actor

    def stored(self, value: dict[str, Any] | str) -> str:
        """The id of a new resource; a text keeps its numbers as they are written."""
        resource = parse(value) if isinstance(value, str) else from_value(value)
        return interactions.create(actor=self.actor, resource=resource).resource.id

    def patient(self, **elements: Any) -> str:
        return self.stored({"resourceType": "Patient", **elements})

    def changed(self, id: str, **elements: Any) -> None:
        resource = from_value({"resourceType": "Patient", "id": id, **elements})
        interactions.update(actor=self.actor, resource=resource, id=id)

    def deleted(self, id: str) -> None:
        interactions.delete(actor=self.actor, resource_type="Patient", id=id)

    def allergy(self, patient: str, text: str, *, code: str = "", **elements: Any) -> str:
        coding = {"coding": [{"system": "http://snomed.info/sct", "code": code}]} if code else {}
        return self.stored(
            {
                "resourceType": "AllergyIntolerance",
                "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
                "verificationStatus": {"coding": [{"system": VERIFICATION, "code": "confirmed"}]},
                "patient": {"reference": f"Patient/{patient}"},
                "code": {**coding, "text": text},
                **elements,
            }
        )

    def observation(self, patient: str, number: str, *, category: str, text: str = "Potassium") -> str:
        return self.stored(
            f'{{"resourceType": "Observation", "status": "final", "code": {{"text": "{text}"}},'
            f' "category": [{{"coding": [{{"code": "{category}"}}]}}],'
            f' "subject": {{"reference": "Patient/{patient}"}},'
            ' "effectiveDateTime": "2026-07-01T23:30:00-04:00",'
            f' "valueQuantity": {{"value": {number}, "unit": "mmol/L"}}}}'
        )

    def encounter(self, patient: str, start: str, text: str) -> str:
        return self.stored(
            {
                "resourceType": "Encounter",
                "status": "finished",
                "class": {"code": "AMB"},
                "type": [{"text": text}],
                "subject": {"reference": f"Patient/{patient}"},
                "period": {"start": start},
            }
        )

    def condition(self, patient: str, text: str) -> str:
        return self.stored(
            {
                "resourceType": "Condition",
                "subject": {"reference": f"Patient/{patient}"},
                "code": {"text": text},
                "onsetDateTime": "2012-12-13",
            }
        )

    def medication_request(self, patient: str, **elements: Any) -> str:
        return self.stored(
            {
                "resourceType": "MedicationRequest",
                "status": "active",
                "intent": "order",
                "subject": {"reference": f"Patient/{patient}"},
                **elements,
            }
        )
