-- Rows change by difference: what stays is not touched, so that a value-only update writes little. What is
-- gone is deleted first; of the rest what is there is left out, which costs new resources nothing.
-- `NOT IN` is a look into a table in memory, however many values there are.
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
        DELETE FROM public.search_strings s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.exact_hash) NOT IN (
            SELECT p_row_ids[n], parameter, hash
            FROM unnest(p_strings_of, p_strings_parameter, p_strings_exact_hash) AS u(n, parameter, hash)
        );
        DELETE FROM public.search_tokens s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.system, s.value) NOT IN (
            SELECT p_row_ids[n], parameter, system, value
            FROM unnest(p_tokens_of, p_tokens_parameter, p_tokens_system, p_tokens_value)
                AS u(n, parameter, system, value)
        );
        DELETE FROM public.patient_compartment s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.patient_id, s.date) NOT IN (
            SELECT p_row_ids[n], patient, p_dates[n]
            FROM unnest(p_compartment_of, p_compartment_patient_id) AS u(n, patient)
        );
        DELETE FROM public.search_references s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.target_type, s.target_id) NOT IN (
            SELECT p_row_ids[n], parameter, target_type, target_id
            FROM unnest(p_references_of, p_references_parameter, p_references_target_type, p_references_target_id)
                AS u(n, parameter, target_type, target_id)
        );
        DELETE FROM public.search_dates s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.start_at, s.end_at) NOT IN (
            SELECT p_row_ids[n], parameter, start_at, end_at
            FROM unnest(p_dates_of, p_dates_parameter, p_dates_start_at, p_dates_end_at)
                AS u(n, parameter, start_at, end_at)
        );
        DELETE FROM public.search_quantities s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.value_hash) NOT IN (
            SELECT p_row_ids[n], parameter, hash
            FROM unnest(p_quantities_of, p_quantities_parameter, p_quantities_value_hash) AS u(n, parameter, hash)
        );
        DELETE FROM public.search_uris s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.value_hash) NOT IN (
            SELECT p_row_ids[n], parameter, hash
            FROM unnest(p_uris_of, p_uris_parameter, p_uris_value_hash) AS u(n, parameter, hash)
        );
        DELETE FROM public.search_texts s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.value_hash) NOT IN (
            SELECT p_row_ids[n], parameter, hash
            FROM unnest(p_texts_of, p_texts_parameter, p_texts_value_hash) AS u(n, parameter, hash)
        );
        DELETE FROM public.search_composites s
        WHERE s.resource_id = ANY (v_old) AND (s.resource_id, s.parameter, s.value_hash) NOT IN (
            SELECT p_row_ids[n], parameter, hash
            FROM unnest(p_composites_of, p_composites_parameter, p_composites_value_hash) AS u(n, parameter, hash)
        );
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
    IF cardinality(p_strings_of) > 0 THEN
        INSERT INTO public.search_strings (resource_id, resource_type, parameter, value, exact_hash)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.value, u.exact_hash
        FROM unnest(p_strings_of, p_strings_parameter, p_strings_value, p_strings_exact_hash)
            AS u(n, parameter, value, exact_hash)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_strings s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter AND s.exact_hash = u.exact_hash
        ));
    END IF;
    IF cardinality(p_tokens_of) > 0 THEN
        INSERT INTO public.search_tokens (resource_id, resource_type, parameter, system, value)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.system, u.value
        FROM unnest(p_tokens_of, p_tokens_parameter, p_tokens_system, p_tokens_value)
            AS u(n, parameter, system, value)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_tokens s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter
                AND s.system = u.system AND s.value = u.value
        ));
    END IF;
    IF cardinality(p_compartment_of) > 0 THEN
        INSERT INTO public.patient_compartment (resource_id, resource_type, patient_id, date)
        SELECT p_row_ids[u.n], p_types[u.n], u.patient_id, p_dates[u.n]
        FROM unnest(p_compartment_of, p_compartment_patient_id) AS u(n, patient_id)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.patient_compartment s
            WHERE s.resource_id = p_row_ids[u.n] AND s.patient_id = u.patient_id
        ));
    END IF;
    IF cardinality(p_references_of) > 0 THEN
        INSERT INTO public.search_references (resource_id, resource_type, parameter, target_type, target_id)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.target_type, u.target_id
        FROM unnest(p_references_of, p_references_parameter, p_references_target_type, p_references_target_id)
            AS u(n, parameter, target_type, target_id)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_references s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter
                AND s.target_type = u.target_type AND s.target_id = u.target_id
        ));
    END IF;
    IF cardinality(p_dates_of) > 0 THEN
        INSERT INTO public.search_dates (resource_id, resource_type, parameter, start_at, end_at)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.start_at, u.end_at
        FROM unnest(p_dates_of, p_dates_parameter, p_dates_start_at, p_dates_end_at)
            AS u(n, parameter, start_at, end_at)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_dates s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter
                AND s.start_at = u.start_at AND s.end_at = u.end_at
        ));
    END IF;
    IF cardinality(p_quantities_of) > 0 THEN
        INSERT INTO public.search_quantities
            (resource_id, resource_type, parameter, value_hash, low, high, system, code, unit)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.value_hash, u.low, u.high, u.system, u.code, u.unit
        FROM unnest(p_quantities_of, p_quantities_parameter, p_quantities_value_hash, p_quantities_low,
            p_quantities_high, p_quantities_system, p_quantities_code, p_quantities_unit)
            AS u(n, parameter, value_hash, low, high, system, code, unit)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_quantities s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter AND s.value_hash = u.value_hash
        ));
    END IF;
    IF cardinality(p_uris_of) > 0 THEN
        INSERT INTO public.search_uris (resource_id, resource_type, parameter, value_hash, value)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.value_hash, u.value
        FROM unnest(p_uris_of, p_uris_parameter, p_uris_value_hash, p_uris_value)
            AS u(n, parameter, value_hash, value)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_uris s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter AND s.value_hash = u.value_hash
        ));
    END IF;
    IF cardinality(p_texts_of) > 0 THEN
        INSERT INTO public.search_texts (resource_id, resource_type, parameter, value_hash, document)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.value_hash, to_tsvector('simple'::regconfig, u.document)
        FROM unnest(p_texts_of, p_texts_parameter, p_texts_value_hash, p_texts_document)
            AS u(n, parameter, value_hash, document)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_texts s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter AND s.value_hash = u.value_hash
        ));
    END IF;
    IF cardinality(p_composites_of) > 0 THEN
        INSERT INTO public.search_composites (resource_id, resource_type, parameter, value_hash, components)
        SELECT p_row_ids[u.n], p_types[u.n], u.parameter, u.value_hash, u.components
        FROM unnest(p_composites_of, p_composites_parameter, p_composites_value_hash, p_composites_components)
            AS u(n, parameter, value_hash, components)
        WHERE p_row_ids[u.n] > 0 AND (p_are_new[u.n] OR NOT EXISTS (
            SELECT FROM public.search_composites s
            WHERE s.resource_id = p_row_ids[u.n] AND s.parameter = u.parameter AND s.value_hash = u.value_hash
        ));
    END IF;
END
$$;
