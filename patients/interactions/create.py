"""create: a new resource under an id of the server's. https://hl7.org/fhir/R4/http.html#create"""

import uuid

from patients.access import Actor
from patients.fhir.resource import Resource
from patients.fhir.validation import validate
from patients.interactions.door import opened
from patients.interactions.results import StoredResource, Written
from patients.interactions.writes import write_guarded
from patients.models.writing import Change, change_to


def create(*, actor: Actor, resource: Resource) -> Written:
    """Store the resource; an id that the client gave is not used.

    :raises InvalidResource: if it breaks a rule of R4.
    """
    id = str(uuid.uuid4())
    with opened(actor, "create", resource.resource_type, id=id) as entry:
        validate(resource)
        entry.outcome = 201

        def first(_: StoredResource | None) -> Change:
            return change_to(resource, id=id, expected_version=0, method="POST")

        written = write_guarded(entry, first)
        return Written(written, is_created=True)
