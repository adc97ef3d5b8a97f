"""What a site is made of, in the order in which it starts."""

from collections.abc import Iterator

from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.options import Options
from fhirsite.embedded.processes.logs import SUPERVISOR
from fhirsite.embedded.processes.part import Part, Say
from fhirsite.embedded.processes.service_user import ServiceUser
from fhirsite.embedded.servers.application import Application
from fhirsite.embedded.servers.cache import cache
from fhirsite.embedded.servers.postgres import PostgresPair
from fhirsite.embedded.supervision.supervisor import Stage


def stages(
    instance: Instance, options: Options, user: ServiceUser, *, http_port: int, https_port: int, say: Say
) -> Iterator[Stage]:
    """The servers that the environment does not name, the tasks, the application."""
    yield from _servers(instance, options, user, say)
    application = Application(instance, options)
    yield from application.tasks()
    yield [
        *application.web(http_port=http_port, https_port=https_port),
        application.worker(),
        application.beat(),
    ]


def _servers(instance: Instance, options: Options, user: ServiceUser, say: Say) -> Iterator[list[Part]]:
    if options.embeds_primary:
        say(SUPERVISOR, f"PostgreSQL runs as the user {user.name}")
        pair = PostgresPair(instance, user)
        yield [pair.primary()]
        if options.embeds_standby:
            yield [pair.standby()]
    if options.embeds_cache:
        yield [cache(instance, user)]
