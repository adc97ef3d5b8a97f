"""The tables that have a row for each value of a resource, and what `fhir_write_rows` does with each of them.

A resource's rows change by difference: those that its new values do not have are deleted, then those that are
not there yet are inserted; what stays is not touched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

# `NOT IN` is a look into a table in memory, however many values there are.
_DELETE_GONE = """\
DELETE FROM public.{relation} s
WHERE s.resource_id = ANY (v_old) AND (s.resource_id, {stored_key}) NOT IN (
    SELECT p_row_ids[u.n], {key}
    FROM unnest({key_arrays}) AS u({key_names})
);"""
# Whether there is such a row already is not asked for new resources.
_INSERT_NEW = """\
IF cardinality(p_{name}_of) > 0 THEN
    INSERT INTO public.{relation} (resource_id, resource_type, {stored})
    SELECT p_row_ids[u.n], p_types[u.n], {values}
    FROM unnest({arrays}) AS u({names})
    WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
        SELECT FROM public.{relation} s
        WHERE s.resource_id = p_row_ids[u.n] AND {is_same}
    ));
END IF;"""


@dataclass(frozen=True, slots=True)
class ValueTable:
    """`columns`, with their types, come as arrays; `key` tells a resource's rows apart."""

    name: str
    relation: str
    columns: dict[str, str]
    key: tuple[str, ...]
    # What is worked out by the database, as SQL; `u` is the row that comes, `u.n` the place of its resource.
    computed: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters of the function: of each row the place of its resource, and its columns."""
        arrays = {f"p_{self.name}_{column}": f"{type}[]" for column, type in self.columns.items()}
        return {f"p_{self.name}_of": "integer[]", **arrays}

    @property
    def deletion(self) -> str:
        """The statement that deletes what the new values do not have."""
        came = [column for column in self.key if column in self.columns]
        return _DELETE_GONE.format(
            relation=self.relation,
            stored_key=", ".join(f"s.{column}" for column in self.key),
            key=", ".join(self._value(column) for column in self.key),
            key_arrays=self._arrays(came),
            key_names=", ".join(("n", *came)),
        )

    @property
    def insertion(self) -> str:
        """The statement that inserts what is not there."""
        stored = self.columns | self.computed
        return _INSERT_NEW.format(
            name=self.name,
            relation=self.relation,
            stored=", ".join(stored),
            values=", ".join(map(self._value, stored)),
            arrays=self._arrays(self.columns),
            names=", ".join(("n", *self.columns)),
            is_same=" AND ".join(f"s.{column} = {self._value(column)}" for column in self.key),
        )

    def _value(self, column: str) -> str:
        return self.computed.get(column, f"u.{column}")

    def _arrays(self, columns: Iterable[str]) -> str:
        return ", ".join(f"p_{self.name}_{column}" for column in ("of", *columns))


_HASHED = {"parameter": "text", "value_hash": "bigint"}
_HASH = tuple(_HASHED)

VALUE_TABLES = (
    ValueTable(
        "strings",
        "search_strings",
        {"parameter": "text", "value": "text", "exact_hash": "bigint"},
        key=("parameter", "exact_hash"),
    ),
    ValueTable(
        "tokens",
        "search_tokens",
        {"parameter": "text", "system": "text", "value": "text"},
        key=("parameter", "system", "value"),
    ),
    ValueTable(
        "compartment",
        "patient_compartment",
        {"patient_id": "text"},
        key=("patient_id", "date"),
        computed={"date": "p_dates[u.n]"},
    ),
    ValueTable(
        "references",
        "search_references",
        {"parameter": "text", "target_type": "text", "target_id": "text"},
        key=("parameter", "target_type", "target_id"),
    ),
    ValueTable(
        "dates",
        "search_dates",
        {"parameter": "text", "start_at": "timestamptz", "end_at": "timestamptz"},
        key=("parameter", "start_at", "end_at"),
    ),
    ValueTable(
        "quantities",
        "search_quantities",
        {**_HASHED, "low": "numeric", "high": "numeric", "system": "text", "code": "text", "unit": "text"},
        key=_HASH,
    ),
    ValueTable("uris", "search_uris", {**_HASHED, "value": "text"}, key=_HASH),
    ValueTable(
        "texts",
        "search_texts",
        {**_HASHED, "document": "text"},
        key=_HASH,
        computed={"document": "to_tsvector('simple'::regconfig, u.document)"},
    ),
    ValueTable("composites", "search_composites", {**_HASHED, "components": "jsonb"}, key=_HASH),
)
