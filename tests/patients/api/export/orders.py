"""Orders of exports, the worker's part, and what came of it."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from tests.records import Records

ASYNC = {"Prefer": "respond-async"}


def ordered(client: Client, address: str) -> str:
    """The address of the export's status."""
    response = client.get(address, headers=ASYNC)
    assert response.status_code == 202, response.content
    return response["Content-Location"]


def job_of(status: str) -> Any:
    from patients.models import ExportJob

    return ExportJob.objects.get(id=status.rpartition("/")[2])


def work(status: str) -> None:
    """What the worker does when it hears of the job."""
    from patients.tasks import continue_export

    continue_export.apply(args=[status.rpartition("/")[2]], throw=True)


def manifest_of(client: Client, address: str) -> dict:
    status = ordered(client, address)
    work(status)
    response = client.get(status)
    assert response.status_code == 200, response.content
    return response.json()


def body_of(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)


def lines_of(client: Client, manifest: dict, kind: str = "output") -> list[str]:
    lines = []
    for each in manifest[kind]:
        response = client.get(each["url"], headers={"Accept": "application/fhir+ndjson"})
        assert response.status_code == 200
        assert response["Content-Type"] == "application/fhir+ndjson"
        *own, nothing = body_of(response).decode().split("\n")
        assert (len(own), nothing) == (each["count"], "")
        lines += own
    return lines


def ids_in(lines: list[str]) -> set[str]:
    return {json.loads(line)["id"] for line in lines}


def group_of(records: Records, member: str, former: str) -> str:
    members = [
        {"entity": {"reference": f"Patient/{member}"}},
        {"entity": {"reference": f"Patient/{former}"}, "inactive": True},
    ]
    return records.stored({"resourceType": "Group", "type": "person", "actual": True, "member": members})
