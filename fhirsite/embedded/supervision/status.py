"""What runs in a data folder and how it is, seen from outside the supervisor."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from fhirsite.embedded import options
from fhirsite.embedded.files import instance as instances
from fhirsite.embedded.files.instance import Instance
from fhirsite.embedded.plan import stages
from fhirsite.embedded.processes.part import Part
from fhirsite.embedded.processes.service_user import service_user
from fhirsite.embedded.servers.postgres import PRIMARY, STANDBY
from fhirsite.embedded.supervision import state
from fhirsite.embedded.supervision.state import PartState, SiteState


def report(data: Path) -> dict[str, Any]:
    """The state that the supervisor wrote, and the health of each part as asked now."""
    current = state.read(data)
    if not current or not state.is_running(data):
        return {"is_running": False, "is_ready": False, "is_healthy": False, "data": str(data)}
    parts = _parts(data, current)
    reports = [_part_report(part, parts.get(part.name), data, current) for part in current.parts]
    return {
        "is_running": True,
        "is_ready": current.is_ready,
        "is_healthy": current.is_ready and all(part["is_healthy"] for part in reports),
        "data": str(data),
        "version": current.version,
        "pid": current.pid,
        "addresses": current.addresses,
        "ports": {"http": current.http_port, "https": current.https_port},
        "parts": reports,
    }


def _parts(data: Path, current: SiteState) -> dict[str, Part]:
    """The parts as the supervisor has them, for their own ways to tell that they are ready."""
    plan = stages(
        instances.load(data),
        options.from_environment(),
        service_user(),
        http_port=current.http_port,
        https_port=current.https_port,
        say=lambda *_: None,
    )
    return {part.name: part for stage in plan if isinstance(stage, list) for part in stage}


def _part_report(part: PartState, definition: Part | None, data: Path, current: SiteState) -> dict[str, Any]:
    is_alive = part.pid is not None and state.born(part.pid) == part.born
    # A part that this shell's environment says is not embedded can only be seen to be alive.
    answers = definition is None or definition.is_ready()
    return {
        **asdict(part),
        "is_healthy": is_alive and part.state == "ready" and answers,
        "address": _address(part.name, instances.load(data), current),
    }


def _address(name: str, instance: Instance, current: SiteState) -> str | None:
    return {
        PRIMARY: f"{instance.sockets}:{instances.PRIMARY_PORT}",
        STANDBY: f"{instance.sockets}:{instances.REPLICA_PORT}",
        "cache": str(instance.cache_socket),
        "https": f"port {current.https_port}",
        "http": f"port {current.http_port}",
    }.get(name)
