"""Clients that no one here wrote, each behind the same few methods, as its own users call it.

What a client raises is kept as `Refused`, with the client's own name for it.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import fhirpy
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle as FhirClientBundle
from fhirclient.models.fhirelementfactory import FHIRElementFactory
from fhirclient.server import FHIRNotFoundException
from fhirpy.base.exceptions import BaseFHIRError

Json = dict[str, Any]


class Refused(Exception):
    """The client raised `exception`: its class, and the status or issue code if it tells."""

    def __init__(self, exception: str) -> None:
        super().__init__(exception)
        self.exception = exception


class ForeignClient(Protocol):
    """What the table of assertions asks of each client."""

    def create(self, resource: Json) -> Json: ...
    def read(self, resource_type: str, id: str) -> Json: ...
    def update(self, resource: Json, if_match: str) -> Json: ...
    def delete(self, resource_type: str, id: str) -> None: ...
    def search(self, resource_type: str, criteria: Mapping[str, str]) -> list[Json]:
        """Return all matches, by following the links from page to page."""

    def history(self, resource_type: str, id: str) -> list[Json]: ...
    def transaction(self, bundle: Json) -> Json: ...
    def everything(self, patient_id: str) -> list[Json]: ...


class Fhirpy:
    """https://pypi.org/project/fhirpy/"""

    def __init__(self, base: str, token: str) -> None:
        self._base, self._token = base, token

    def create(self, resource: Json) -> Json:
        return self._done(lambda: dict(self._client().resource(**_named(resource)).create()))

    def read(self, resource_type: str, id: str) -> Json:
        return self._done(lambda: self._client().get(resource_type, id))

    def update(self, resource: Json, if_match: str) -> Json:
        client = self._client({"If-Match": if_match})
        return self._done(lambda: dict(client.resource(**_named(resource)).update()))

    def delete(self, resource_type: str, id: str) -> None:
        self._done(lambda: self._client().delete(resource_type, id))

    def search(self, resource_type: str, criteria: Mapping[str, str]) -> list[Json]:
        found = self._client().resources(resource_type).search(**criteria)
        return self._done(lambda: [dict(each) for each in found.fetch_all()])

    def history(self, resource_type: str, id: str) -> list[Json]:
        bundle = self._client().execute(f"{resource_type}/{id}/_history", method="get")
        return list(bundle["entry"])

    def transaction(self, bundle: Json) -> Json:
        return self._done(lambda: self._client().execute("", method="post", data=bundle))

    def everything(self, patient_id: str) -> list[Json]:
        patient = self._client().reference("Patient", patient_id)
        bundle = patient.execute("$everything", method="get")
        return [entry["resource"] for entry in bundle["entry"]]

    def _client(self, headers: Mapping[str, str] | None = None) -> fhirpy.SyncFHIRClient:
        return fhirpy.SyncFHIRClient(
            self._base, authorization=f"Bearer {self._token}", extra_headers=dict(headers or {})
        )

    def _done(self, call: Any) -> Any:
        try:
            return call()
        except BaseFHIRError as error:
            raise Refused(type(error).__name__) from error


class Fhirclient:
    """https://pypi.org/project/fhirclient/"""

    def __init__(self, base: str, token: str) -> None:
        self._smart = FHIRClient(settings={"app_id": "tests", "api_base": base})
        self._smart.server.session.headers["Authorization"] = f"Bearer {token}"
        self._smart.prepare()

    def create(self, resource: Json) -> Json:
        return self._done(lambda: self._model(resource).create(self._smart.server))

    def read(self, resource_type: str, id: str) -> Json:
        model = type(FHIRElementFactory.instantiate(resource_type, None))
        return self._done(lambda: model.read(id, self._smart.server).as_json())

    def update(self, resource: Json, if_match: str) -> Json:
        self._smart.server.session.headers["If-Match"] = if_match
        try:
            return self._done(lambda: self._model(resource).update(self._smart.server))
        finally:
            del self._smart.server.session.headers["If-Match"]

    def delete(self, resource_type: str, id: str) -> None:
        stored = self._model({"resourceType": resource_type, "id": id})
        self._done(lambda: stored.delete(self._smart.server))

    def search(self, resource_type: str, criteria: Mapping[str, str]) -> list[Json]:
        model = type(FHIRElementFactory.instantiate(resource_type, None))
        found = model.where(dict(criteria)).perform_resources_iter(self._smart.server)
        return self._done(lambda: [each.as_json() for each in found])

    def history(self, resource_type: str, id: str) -> list[Json]:
        path = f"{resource_type}/{id}/_history"
        return list(FhirClientBundle.read_from(path, self._smart.server).as_json()["entry"])

    def transaction(self, bundle: Json) -> Json:
        # Its own `create` would post to /Bundle; this is what its users do instead.
        sent = FhirClientBundle(bundle).as_json()
        return self._done(lambda: self._smart.server.post_json("", sent).json())

    def everything(self, patient_id: str) -> list[Json]:
        path = f"Patient/{patient_id}/$everything"
        bundle = FhirClientBundle.read_from(path, self._smart.server)
        return [entry["resource"] for entry in bundle.as_json()["entry"]]

    def _model(self, resource: Json) -> Any:
        return FHIRElementFactory.instantiate(resource["resourceType"], resource)

    def _done(self, call: Any) -> Any:
        try:
            return call()
        except (FHIRNotFoundException, requests.HTTPError) as error:
            raise Refused(f"{type(error).__name__} {error.response.status_code}") from error


class JavaScript:
    """A client of Node.js, in a process of its own that answers a line for each line."""

    def __init__(self, node: Path, folder: Path, client: str, base: str, token: str) -> None:
        self._process = subprocess.Popen(
            [node, folder / "driver.mjs", client, base, token],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=10)

    def create(self, resource: Json) -> Json:
        return self._call("create", resource)

    def read(self, resource_type: str, id: str) -> Json:
        return self._call("read", resource_type, id)

    def update(self, resource: Json, if_match: str) -> Json:
        return self._call("update", resource, if_match)

    def delete(self, resource_type: str, id: str) -> None:
        self._call("delete", resource_type, id)

    def search(self, resource_type: str, criteria: Mapping[str, str]) -> list[Json]:
        return self._call("search", resource_type, dict(criteria))

    def history(self, resource_type: str, id: str) -> list[Json]:
        return self._call("history", resource_type, id)

    def transaction(self, bundle: Json) -> Json:
        return self._call("transaction", bundle)

    def everything(self, patient_id: str) -> list[Json]:
        return self._call("everything", patient_id)

    def _call(self, method: str, *arguments: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([method, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "exception" in answer:
            raise Refused(answer["exception"])
        return answer["value"]


def _named(resource: Json) -> Json:
    others = {name: value for name, value in resource.items() if name != "resourceType"}
    return {"resource_type": resource["resourceType"], **others}
