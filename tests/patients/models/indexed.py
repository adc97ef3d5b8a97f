"""The index rows of a resource as the database has them, and as its values demand."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from patients.fhir.search_keys import coding_key, keys_of
from patients.fhir.search_values import IndexValues
from patients.fhir.values.strings import exact_hash
from perf.database import Query, fetch_primary

NO_DATE = datetime(1, 1, 2, tzinfo=UTC)

_COLUMNS = {
    "search_references": "parameter, target_type, target_id",
    "search_dates": "parameter, start_at, end_at",
    "search_quantities": "parameter, low, high, system, code, unit",
    "search_uris": "parameter, value",
    "search_texts": "parameter, document::text",
    "search_composites": "parameter, components::text",
}


def index_flaws(resource_id: int, resource_type: str, values: IndexValues | None) -> list[str]:
    """Each way in which the rows differ from what `values` demand; None: that there is no row."""
    stored, expected = stored_rows(resource_id), expected_rows(resource_type, values)
    flaws = [] if values is None else _unknown_codes(resource_type, values)
    return flaws + [
        f"{table} has {sorted(map(repr, stored[table] - rows))} too many"
        f" and lacks {sorted(map(repr, rows - stored[table]))}"
        for table, rows in expected.items()
        if stored[table] != rows
    ]


def _unknown_codes(resource_type: str, values: IndexValues) -> list[str]:
    """Codes by which nobody can sort, since neither the dictionary nor a row tells them."""
    query = Query(
        "codes",
        """
        SELECT 1 FROM search_codes WHERE key = %s AND parameter = %s AND system = %s AND code = %s
        UNION ALL
        SELECT 1 FROM search_tokens WHERE resource_type = %s AND parameter = %s AND system = %s AND value = %s
        LIMIT 1
        """,
    )
    return [
        f"nothing tells {token}"
        for token in values.tokens
        if token[2]
        and ":" not in token[0]
        and not fetch_primary(query, (coding_key(resource_type, *token), *token, resource_type, *token))
    ]


def stored_rows(resource_id: int) -> dict[str, set[Any]]:
    rows: dict[str, set[Any]] = {
        table: set(fetch_primary(Query("rows", _select(table, columns)), (resource_id,)))
        for table, columns in _COLUMNS.items()
    }
    rows["search_list"] = set(
        fetch_primary(
            Query("list", "SELECT key::text, date FROM search_list WHERE resource_id = %s"), (resource_id,)
        )
    )
    sql = "SELECT resource_type, date, keys::text[] FROM search_resources WHERE resource_id = %s"
    rows["search_resources"] = {
        (resource_type, date, frozenset(keys))
        for resource_type, date, keys in fetch_primary(Query("resource", sql), (resource_id,))
    }
    return rows


def expected_rows(resource_type: str, values: IndexValues | None) -> dict[str, set[Any]]:
    if values is None:
        return {table: set() for table in (*_COLUMNS, "search_list", "search_resources")}
    keys = keys_of(resource_type, values)
    date = values.date or NO_DATE
    return {
        "search_references": {row for row in values.references if len(row[2].encode()) <= 1_000},
        "search_dates": set(values.dates),
        "search_quantities": set(values.quantities),
        "search_uris": set(values.uris),
        "search_texts": {(parameter, _document(text)) for parameter, text in values.texts},
        "search_composites": {(parameter, _components(parts)) for parameter, parts in values.composites},
        "search_list": {(_uuid(key), date) for key in keys.listed},
        "search_resources": {
            (resource_type, date, frozenset(_uuid(key) for key in (*keys.listed, *keys.unlisted)))
        },
    }


def some_values(chance: Any) -> IndexValues:
    """Values of which a second draw has some in common."""

    def some(make: Any, most: int = 3) -> frozenset:
        return frozenset(make() for _ in range(chance.randrange(most + 1)))

    def moment() -> datetime:
        return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(3))

    def quantity() -> tuple:
        low = chance.choice([None, Decimal("7.50"), Decimal("8")])
        return low, chance.choice([low, None]), "http://unitsofmeasure.org", chance.choice(["mg", "g"]), "u"

    def token() -> tuple[str, str]:
        return chance.choice(["", "urn:a", "urn:b"]), chance.choice("xyz")

    dates = [moment() for _ in range(3)]
    texts = ("code", "Blood pressure"), ("code", "Čaj"), ("_text", "Seen by her doctor")
    return IndexValues(
        tokens=some(lambda: (chance.choice(["code", "status"]), *token()), 5),
        references=some(lambda: ("subject", chance.choice(["Patient", ""]), chance.choice("123"))),
        identifiers=some(lambda: ("subject", *token())),
        uris=some(lambda: ("url", f"urn:uri:{chance.randrange(3)}")),
        strings=frozenset(("title", text, exact_hash(text)) for text in some(lambda: chance.choice("abc"))),
        texts=some(lambda: chance.choice(texts)),
        dates=frozenset(("date", date, date + timedelta(days=1)) for date in dates),
        quantities=some(lambda: ("value-quantity", *quantity())),
        composites=some(lambda: ("code-value-quantity", (token(), quantity()))),
        date=chance.choice([None, *dates]),
    )


def _select(table: str, columns: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE resource_id = %s"


def _uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _document(text: str) -> str:
    query = Query("document", "SELECT to_tsvector('simple', %s)::text")
    folded = text.lower().replace("č", "c")
    return str(fetch_primary(query, (folded,))[0][0])


def _components(parts: tuple[tuple[object, ...], ...]) -> str:
    text = json.dumps(parts, default=lambda number: f"number {number}")
    return re.sub(r'"number ([^"]*)"', r"\1", text)
