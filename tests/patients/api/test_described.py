"""Every answer is one that the OpenAPI describes: its status, its type, its headers, its shape.

Schemathesis makes the requests, right ones and wrong ones; some of them are brought near to what is there, so
that more than refusals is seen. https://schemathesis.readthedocs.io
"""

import random
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from schemathesis.core.failures import FailureGroup

from fhirsite.head_requests import HeadRequests
from fhirsite.request_bodies import RequestBodies
from patients.api.openapi import document
from tests.patients.api.described import Asked, There, ask, operations_of, schema_of, stored

FEW, MANY = 3, 10_000


@pytest.fixture(scope="module")
def schema() -> Any:
    """With the application within the tests' process: quicker, and a defect shows its traceback."""
    schema = schema_of(document())
    schema.app = HeadRequests(RequestBodies(get_wsgi_application(), longest=16 * 1024 * 1024))
    return schema


@pytest.fixture(scope="module")
def there(client) -> There:
    return stored(client)


@pytest.fixture(scope="module")
def headers(token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module", autouse=True)
def no_jobs(database):
    """A user may order five exports at a time."""
    from patients.models import ExportJob

    ExportJob.objects.all().delete()
    yield
    ExportJob.objects.all().delete()


class TestAnswers:
    def test_are_as_described(self, schema, there, headers):
        asked = Asked()

        for operation in operations_of(schema):
            ask(operation, there, each=FEW, started=1, asked=asked, headers=headers)

        assert len(asked.operations) == len(operations_of(schema)) > 40
        assert asked.statuses.keys() >= {200, 201, 204, 400, 404}

    def test_of_the_web_server_are_as_described(self, site, there, headers):
        schema, asked = schema_of(document()), Asked()

        for operation in operations_of(schema):
            ask(operation, there, each=1, started=2, asked=asked, headers=headers, base_url=site.http)

        assert asked.statuses.keys() >= {200, 400, 404}

    @pytest.mark.long
    def test_are_as_described_ten_thousand_times(self, schema, there, headers):
        operations, asked, failures = operations_of(schema), Asked(), []
        random_of_run = random.Random(started := random.randrange(2**32))

        # There are not so many different requests of some.
        while asked.statuses.total() < MANY and not failures:
            each, seed = MANY // len(operations) + 1, random_of_run.randrange(2**32)
            for operation in operations:
                try:
                    ask(operation, there, each=each, started=seed, asked=asked, headers=headers)
                except FailureGroup as failure:
                    failures.append(f"{operation.label}: {failure}")

        assert (started, "\n".join(failures)) == (started, "")
        assert asked.statuses.total() >= MANY
        assert asked.statuses.keys() >= {200, 201, 202, 204, 206, 304, 400, 404, 406, 410, 412, 416, 422, 429}
