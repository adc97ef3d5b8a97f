-- Other parameters make another function of the same name: the earlier ones must not stay.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN
        SELECT p.oid FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname IN (
            'fhir_reindex', 'fhir_write', 'fhir_write_lists', 'fhir_write_rows', 'fhir_write_search_rows',
            'fhir_write_values'
        )
    LOOP
        EXECUTE 'DROP FUNCTION ' || v_function;
    END LOOP;
END
$$;

-- Rows change by difference: what stays is not touched, so that a value-only update writes little. What is
-- gone is deleted first; of the rest what is there is left out, which costs new resources nothing.
-- The statements of the tables of values are alike: patients/models/value_tables.py writes them.
CREATE OR REPLACE FUNCTION fhir_write_rows(
    p_row_ids bigint[],  -- 0: not to be written; the caller has locked the others
    p_are_new boolean[],
    p_is_repair boolean,  -- entries of lists may be missing that the old keys tell of
    p_times timestamptz[],
    {row_parameters}
) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    v_old bigint[];
    v_keep_lists boolean[];
BEGIN
    IF false = ANY (p_are_new) THEN
        v_old := array(
            SELECT id FROM unnest(p_row_ids, p_are_new) AS u(id, is_new) WHERE id > 0 AND NOT is_new
        );
        {delete_gone_values}
        v_keep_lists := array(
            SELECT NOT p_is_repair AND NOT u.is_new
                AND coalesce(s.date = u.date AND s.keys = p_keys[u.first_key : u.last_key], false)
            FROM unnest(p_row_ids, p_are_new, p_list_dates, p_first_keys, p_last_keys)
                WITH ORDINALITY AS u(id, is_new, date, first_key, last_key, n)
            LEFT JOIN public.search_resources s ON s.resource_id = u.id
            ORDER BY u.n
        );
        DELETE FROM public.search_list l
        USING (
            SELECT s.resource_id, s.date, k.key
            FROM unnest(p_row_ids, p_are_new, p_list_dates, p_first_keys, p_last_listed_keys)
                WITH ORDINALITY AS u(id, is_new, date, first_key, last_listed_key, n)
            JOIN public.search_resources s ON s.resource_id = u.id
            CROSS JOIN LATERAL unnest(s.keys) AS k(key)
            WHERE NOT u.is_new AND NOT v_keep_lists[u.n]
                AND (u.date IS NULL OR u.date <> s.date OR k.key <> ALL (p_keys[u.first_key : u.last_listed_key]))
        ) AS gone
        WHERE l.key = gone.key AND l.date = gone.date AND l.resource_id = gone.resource_id;
        DELETE FROM public.search_resources s
        USING unnest(p_row_ids, p_list_dates) AS u(id, date)
        WHERE s.resource_id = u.id AND u.date IS NULL;
        UPDATE public.search_resources s
        SET date = u.date, last_updated = p_times[u.n], keys = p_keys[u.first_key : u.last_key]
        FROM unnest(p_row_ids, p_are_new, p_list_dates, p_first_keys, p_last_keys)
            WITH ORDINALITY AS u(id, is_new, date, first_key, last_key, n)
        WHERE s.resource_id = u.id AND NOT u.is_new;
    END IF;

    INSERT INTO public.search_resources (resource_id, resource_type, date, last_updated, keys)
    SELECT p_row_ids[u.n], u.resource_type, u.date, p_times[u.n], p_keys[u.first_key : u.last_key]
    FROM unnest(p_types, p_list_dates, p_first_keys, p_last_keys)
        WITH ORDINALITY AS u(resource_type, date, first_key, last_key, n)
    WHERE p_row_ids[u.n] > 0 AND u.date IS NOT NULL AND (p_are_new[u.n] OR NOT EXISTS (
        SELECT FROM public.search_resources s WHERE s.resource_id = p_row_ids[u.n]
    ));
    INSERT INTO public.search_list (key, date, resource_id)
    SELECT k.key, u.date, p_row_ids[u.n]
    FROM unnest(p_list_dates, p_first_keys, p_last_listed_keys)
        WITH ORDINALITY AS u(date, first_key, last_listed_key, n)
    CROSS JOIN LATERAL unnest(p_keys[u.first_key : u.last_listed_key]) AS k(key)
    WHERE p_row_ids[u.n] > 0 AND v_keep_lists[u.n] IS NOT TRUE AND (p_are_new[u.n] OR NOT EXISTS (
        SELECT FROM public.search_list s
        WHERE s.key = k.key AND s.date = u.date AND s.resource_id = p_row_ids[u.n]
    ));
    PERFORM public.fhir_write_codes(p_codes_key, p_codes_parameter, p_codes_system, p_codes_code);
    {insert_new_values}
END
$$;


-- What keys stand for, where nobody has told it yet. Of two that tell it at once neither waits: both do.
CREATE OR REPLACE FUNCTION fhir_write_codes(
    p_codes_key uuid[], p_codes_parameter text[], p_codes_system text[], p_codes_code text[]
) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.search_codes (key, parameter, system, code)
    SELECT u.key, u.parameter, u.system, u.code
    FROM unnest(p_codes_key, p_codes_parameter, p_codes_system, p_codes_code) AS u(key, parameter, system, code)
    WHERE NOT EXISTS (SELECT FROM public.search_codes c WHERE c.key = u.key);
END
$$;
