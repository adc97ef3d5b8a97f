"""The policies that hold now, kept in the process and exact within a second.

A process asks the primary for the generation at most once a second, and drops all policies if it is another.
It serves none that it has not heard confirmed within the last second: while the primary is silent
nobody is let through. Everything is read on the primary; a standby may be behind.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import psycopg
from django.db import connections

from patients.access.actors import Actor
from patients.access.policy import EVERYTHING, NOTHING, Permit, Policy, compiled
from patients.access.vocabulary import GRANTABLE, types_named
from perf import database

LEASE_SECONDS = 0.9  # of the second; the rest is for a decision under way
MOST_POLICIES = 10_000

_GENERATION = "SELECT value FROM access_generation"
_GRANTS = """
    SELECT g.name, a.resource_types, a.interactions, a.reach, a.labels, a.elements
    FROM auth_user_groups ug
    JOIN auth_group g ON g.id = ug.group_id
    JOIN access_grants a ON a.role_id = g.id
    WHERE ug.user_id = %s
    """
_OWN = """
    SELECT ARRAY(
               SELECT e.patient_id
               FROM access_list_users u JOIN access_list_entries e ON e.list_id = u.patientlist_id
               WHERE u.user_id = %s
           ),
           ARRAY(SELECT organisation_id FROM access_affiliations WHERE user_id = %s)
    """

_Key = tuple[int, bool, frozenset[str]]


@dataclass(slots=True)
class _Memory:
    """What this process knows."""

    generation: object = None
    heard: float = float("-inf")
    policies: dict[_Key, Policy] = field(default_factory=dict)


_memory = _Memory()
_lock = Lock()


def policy_of(actor: Actor) -> Policy:
    """Return what the actor may do, as it stands or stood within the last second.

    :raises psycopg.OperationalError: if the primary does not answer.
    """
    if actor.is_trusted:
        return EVERYTHING
    if actor.user_id is None:
        return NOTHING
    may_keep = _is_confirmed()
    key = (actor.user_id, bool(actor.purpose), actor.elevations)
    policy = _memory.policies.get(key) if may_keep else None
    if policy is None:
        generation = _memory.generation
        policy = _loaded(actor)
        if may_keep:
            _keep(generation, key, policy)
    return policy


def forget() -> None:
    """Ask the primary before the next decision: for whoever has just changed the policy."""
    _memory.heard = float("-inf")


def _is_confirmed() -> bool:
    """Whether what is kept holds; asks the primary if it has not been heard for too long."""
    now = time.monotonic()
    if now - _memory.heard < LEASE_SECONDS:
        return True
    generation = _rows(_GENERATION)[0][0]
    with _lock:
        if generation != _memory.generation:
            # A transaction sees what it changed itself; if it is rolled back nothing of that may be left.
            if connections[database.PRIMARY_ALIAS].in_atomic_block:
                return False
            _memory.policies = {}
            _memory.generation = generation
        _memory.heard = max(_memory.heard, now)
    return True


def _keep(generation: object, key: _Key, policy: Policy) -> None:
    with _lock:
        # Somebody may have found another generation meanwhile, for which this may be too old.
        if generation == _memory.generation:
            if len(_memory.policies) >= MOST_POLICIES:
                _memory.policies.clear()
            _memory.policies[key] = policy


def _loaded(actor: Actor) -> Policy:
    rows = _rows(_GRANTS, [actor.user_id])
    own = {"all": Permit()}
    if any(row[3] != "all" for row in rows):
        patients, organisations = _rows(_OWN, [actor.user_id, actor.user_id])[0]
        own["lists"] = Permit(patients=frozenset(patients))
        own["organisations"] = Permit(organisations=frozenset(organisations))
    return compiled(
        roles={row[0] for row in rows},
        permits=(permit for row in rows for permit in _permits(row, own, has_purpose=bool(actor.purpose))),
        elevations=actor.elevations,
    )


def _permits(
    row: tuple[Any, ...], own: dict[str, Permit], *, has_purpose: bool
) -> Iterator[tuple[str, str, Permit]]:
    """What one grant adds up to, for each interaction and type."""
    _, resource_types, interactions, reach, labels, elements = row
    limit = own.get(reach)
    if limit is None or limit.patients == frozenset() or limit.organisations == frozenset():
        return
    opened = frozenset(labels if has_purpose else ())
    shown_of = json.loads(elements) if elements else {}
    for resource_type in types_named(resource_types):
        shown = shown_of.get(resource_type)
        if shown is not None:
            continue
        permit = replace(limit, labels=opened)
        for interaction in interactions:
            if interaction in GRANTABLE:
                yield interaction, resource_type, permit


def _rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    # Told to no observer: a question that is asked once a second is no part of the interaction that asks it.
    connection = database.raw_connection(database.PRIMARY_ALIAS)
    return psycopg.Cursor(connection).execute(sql, parameters).fetchall()
