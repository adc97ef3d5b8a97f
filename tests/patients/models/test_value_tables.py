"""The tables of values as the models have them, and as the statements that are written for them."""

import pytest
from django.apps import apps

from patients.models.database_code import RECORD_TABLES
from patients.models.value_tables import VALUE_TABLES, ValueTable

MODELS = {model._meta.db_table: model for model in apps.get_app_config("patients").get_models()}
EXAMPLE = ValueTable(
    "names",
    "search_names",
    {"parameter": "text", "name": "text"},
    key=("parameter", "place"),
    computed={"place": "p_places[u.n]", "name": "lower(u.name)"},
)


@pytest.mark.parametrize("table", VALUE_TABLES, ids=lambda table: table.name)
class TestValueTables:
    def test_have_the_columns_of_their_models(self, table):
        model = MODELS[table.relation]
        expected = {field.column for field in model._meta.fields if field.column} - {"id"}

        assert {*table.columns, *table.computed, "resource_id", "resource_type"} == expected

    def test_tell_rows_apart_at_least_as_the_primary_key_does(self, table):
        columns = {field.column for field in MODELS[table.relation]._meta.pk_fields} - {"id", "resource_id"}

        assert columns <= set(table.key)

    def test_are_tables_of_records(self, table):
        assert table.relation in RECORD_TABLES


class TestStatements:
    def test_delete_what_did_not_come(self):
        assert EXAMPLE.deletion == (
            "DELETE FROM public.search_names s\n"
            "WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.place) NOT IN (\n"
            "    SELECT p_row_ids[u.n], u.parameter, p_places[u.n]\n"
            "    FROM unnest(p_names_of, p_names_parameter) AS u(n, parameter)\n"
            ");"
        )

    def test_insert_what_is_not_there(self):
        assert EXAMPLE.insertion == (
            "IF cardinality(p_names_of) > 0 THEN\n"
            "    INSERT INTO public.search_names (resource_id, resource_type, parameter, name, place)\n"
            "    SELECT p_row_ids[u.n], p_types[u.n], u.parameter, lower(u.name), p_places[u.n]\n"
            "    FROM unnest(p_names_of, p_names_parameter, p_names_name) AS u(n, parameter, name)\n"
            "    WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (\n"
            "        SELECT FROM public.search_names s\n"
            "        WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter"
            " AND s.place = p_places[u.n]\n"
            "    ));\n"
            "END IF;"
        )

    def test_take_an_array_for_each_column(self):
        assert EXAMPLE.parameters == {
            "p_names_of": "integer[]",
            "p_names_parameter": "text[]",
            "p_names_name": "text[]",
        }
