"""Who may do what: one policy for every door (docs/security.md#policy, docs/decisions/0010-one-policy.md).

Default deny: what no role of an actor's grants is refused. Whoever asks names an `Actor`; decisions are
made here, from the compiled policy that holds now.
"""

from patients.access.actors import Actor, Channel, actor_for, actor_of_principal, command_actor
from patients.access.current import forget, policy_of
from patients.access.decisions import authorise, may_see, roles_of, scope, sight
from patients.access.facts import Facts

__all__ = [
    "Actor",
    "Channel",
    "Facts",
    "actor_for",
    "actor_of_principal",
    "authorise",
    "command_actor",
    "forget",
    "may_see",
    "policy_of",
    "roles_of",
    "scope",
    "sight",
]
