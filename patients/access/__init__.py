"""Who may do what: one policy for every door (docs/security.md#policy, docs/decisions/0010-one-policy.md).

Default deny: what no role of an actor's grants is refused. Whoever asks names an `Actor`; decisions are
made here, from the compiled policy that holds now.
"""

from patients.access.actors import Actor, Channel, actor_for, command_actor
from patients.access.current import forget, policy_of
from patients.access.decisions import authorise, roles_of, scope

__all__ = [
    "Actor",
    "Channel",
    "actor_for",
    "authorise",
    "command_actor",
    "forget",
    "policy_of",
    "roles_of",
    "scope",
]
