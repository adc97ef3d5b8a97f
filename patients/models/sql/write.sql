-- The one door to the records' tables: `fhir_write` stores a version of a resource together with its
-- search rows and, for a Patient, its row in the index and in the delta of the summary view.
-- The application's role may execute it and may not write those tables otherwise.

-- Parameters that were added make another function of the same name: the earlier one must not stay.
DROP FUNCTION IF EXISTS fhir_write(
    text, text, text, integer, text, text, text[], text[], bigint[], text[], text[], text[], text[], timestamptz,
    jsonb
);

CREATE OR REPLACE FUNCTION fhir_write(
    p_method text,
    p_resource_type text,
    p_fhir_id text,
    p_expected_version integer,   -- the version that the caller has read; 0: there is none
    p_prefix text,                -- the content up to meta.lastUpdated; null: a deletion
    p_suffix text,                -- and from there on
    p_string_parameters text[],
    p_string_values text[],
    p_string_hashes bigint[],
    p_token_parameters text[],
    p_token_systems text[],
    p_token_values text[],
    p_compartment_patients text[],
    p_date timestamptz,           -- by which charts order it
    p_listed_keys uuid[],         -- null: a deletion
    p_unlisted_keys uuid[],
    p_list_date timestamptz,      -- by which lists order it
    p_values jsonb,               -- rows of the other search tables; null: none
    p_patient jsonb               -- columns of patient_index; null: not a Patient, or a deletion
) RETURNS TABLE (resource_id bigint, version_id integer, last_updated timestamptz, content text)
    -- No row: somebody else has written the resource since it was read. Nothing was changed.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_id bigint;
    v_version integer := p_expected_version + 1;
    v_before timestamptz := '-infinity';
    v_time timestamptz;
    v_content text;
BEGIN
    IF p_expected_version > 0 THEN
        SELECT r.id, r.last_updated INTO v_id, v_before
        FROM public.fhir_resources r
        WHERE r.resource_type = p_resource_type AND r.fhir_id = p_fhir_id AND r.version_id = p_expected_version
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    -- Read after the lock was granted, and never back: versions of one resource have rising times.
    v_time := greatest(
        date_trunc('milliseconds', clock_timestamp()),
        CASE WHEN v_before > '-infinity' THEN v_before + interval '1 millisecond' END
    );
    v_content := p_prefix || to_char(v_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || p_suffix;

    IF p_expected_version = 0 THEN
        INSERT INTO public.fhir_resources AS r
            (resource_type, fhir_id, version_id, resource_data, deleted, last_updated)
        VALUES (p_resource_type, p_fhir_id, v_version, v_content::jsonb, false, v_time)
        ON CONFLICT (resource_type, fhir_id) DO NOTHING
        RETURNING r.id INTO v_id;
        IF v_id IS NULL THEN
            RETURN;
        END IF;
    ELSE
        -- A deleted resource keeps its last data for the administrators; it is in no search row.
        UPDATE public.fhir_resources r
        SET version_id = v_version,
            resource_data = coalesce(v_content::jsonb, r.resource_data),
            deleted = v_content IS NULL,
            last_updated = v_time
        WHERE r.id = v_id;
    END IF;

    INSERT INTO public.fhir_resource_versions
        (resource_id, version_id, resource_type, method, last_updated, content)
    VALUES (v_id, v_version, p_resource_type, p_method, v_time, v_content);

    PERFORM public.fhir_write_search_rows(
        v_id, p_expected_version = 0, p_resource_type,
        p_string_parameters, p_string_values, p_string_hashes,
        p_token_parameters, p_token_systems, p_token_values,
        p_compartment_patients, p_date
    );
    PERFORM public.fhir_write_lists(
        v_id, p_expected_version = 0, false, p_resource_type, v_time,
        p_listed_keys, p_unlisted_keys, p_list_date
    );
    PERFORM public.fhir_write_values(v_id, p_expected_version = 0, p_resource_type, p_values);
    IF p_resource_type = 'Patient' THEN
        PERFORM public.fhir_write_patient(v_id, p_fhir_id, v_version, v_time, p_patient);
    END IF;
    RETURN QUERY SELECT v_id, v_version, v_time, v_content;
END
$$;


-- Rows change by difference: what stays is not touched, so that a value-only update writes little.
CREATE OR REPLACE FUNCTION fhir_write_search_rows(
    p_id bigint,
    p_is_new boolean,
    p_resource_type text,
    p_string_parameters text[],
    p_string_values text[],
    p_string_hashes bigint[],
    p_token_parameters text[],
    p_token_systems text[],
    p_token_values text[],
    p_compartment_patients text[],
    p_date timestamptz
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT p_is_new THEN
        DELETE FROM public.search_strings s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM unnest(p_string_parameters, p_string_hashes) AS n(parameter, exact_hash)
            WHERE n.parameter = s.parameter AND n.exact_hash = s.exact_hash
        );
        DELETE FROM public.search_tokens t
        WHERE t.resource_id = p_id AND NOT EXISTS (
            SELECT FROM unnest(p_token_parameters, p_token_systems, p_token_values) AS n(parameter, system, value)
            WHERE n.parameter = t.parameter AND n.system = t.system AND n.value = t.value
        );
        DELETE FROM public.patient_compartment c
        WHERE c.resource_id = p_id AND (c.patient_id <> ALL (p_compartment_patients) OR c.date <> p_date);
    END IF;

    IF cardinality(p_string_parameters) > 0 THEN
        INSERT INTO public.search_strings (resource_id, resource_type, parameter, value, exact_hash)
        SELECT p_id, p_resource_type, n.parameter, n.value, n.exact_hash
        FROM unnest(p_string_parameters, p_string_values, p_string_hashes) AS n(parameter, value, exact_hash)
        ON CONFLICT (resource_id, parameter, exact_hash) DO NOTHING;
    END IF;
    IF cardinality(p_token_parameters) > 0 THEN
        INSERT INTO public.search_tokens (resource_id, resource_type, parameter, system, value)
        SELECT p_id, p_resource_type, n.parameter, n.system, n.value
        FROM unnest(p_token_parameters, p_token_systems, p_token_values) AS n(parameter, system, value)
        WHERE p_is_new OR NOT EXISTS (
            SELECT FROM public.search_tokens t
            WHERE t.resource_id = p_id AND t.parameter = n.parameter AND t.system = n.system AND t.value = n.value
        );
    END IF;
    IF cardinality(p_compartment_patients) > 0 THEN
        INSERT INTO public.patient_compartment (resource_id, patient_id, resource_type, date)
        SELECT p_id, n.patient_id, p_resource_type, p_date
        FROM unnest(p_compartment_patients) AS n(patient_id)
        ON CONFLICT (resource_id, patient_id) DO NOTHING;
    END IF;
END
$$;


-- Entries of the ordered lists. `p_is_repair`: entries may be missing that the old keys tell of.
CREATE OR REPLACE FUNCTION fhir_write_lists(
    p_id bigint,
    p_is_new boolean,
    p_is_repair boolean,
    p_resource_type text,
    p_time timestamptz,
    p_listed_keys uuid[],
    p_unlisted_keys uuid[],
    p_date timestamptz
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_old_date timestamptz;
    v_old_keys uuid[];
    v_gone uuid[];
    v_new uuid[] := p_listed_keys;
    v_keys uuid[] := p_listed_keys || p_unlisted_keys;
BEGIN
    IF NOT p_is_new THEN
        SELECT s.date, s.keys INTO v_old_date, v_old_keys FROM public.search_resources s WHERE s.resource_id = p_id;
        IF p_listed_keys IS NULL OR v_old_date <> p_date THEN
            v_gone := v_old_keys;
        ELSIF v_old_keys <> v_keys THEN
            v_gone := array(SELECT unnest(v_old_keys) EXCEPT SELECT unnest(p_listed_keys));
        END IF;
        IF v_old_date = p_date AND NOT p_is_repair THEN
            v_new := CASE
                WHEN v_old_keys <> v_keys THEN array(SELECT unnest(p_listed_keys) EXCEPT SELECT unnest(v_old_keys))
            END;
        END IF;
        IF cardinality(v_gone) > 0 THEN
            DELETE FROM public.search_list l
            WHERE l.key = ANY (v_gone) AND l.date = v_old_date AND l.resource_id = p_id;
        END IF;
        IF p_listed_keys IS NULL THEN
            DELETE FROM public.search_resources s WHERE s.resource_id = p_id;
            RETURN;
        END IF;
    END IF;

    INSERT INTO public.search_resources (resource_id, resource_type, date, last_updated, keys)
    VALUES (p_id, p_resource_type, p_date, p_time, v_keys)
    ON CONFLICT (resource_id) DO UPDATE
    SET date = excluded.date, last_updated = excluded.last_updated, keys = excluded.keys;
    IF cardinality(v_new) > 0 THEN
        INSERT INTO public.search_list (key, date, resource_id)
        SELECT n.key, p_date, p_id FROM unnest(v_new) AS n(key)
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;


-- Rows of the other tables: p_values has for each an array of arrays, if it has any.
CREATE OR REPLACE FUNCTION fhir_write_values(
    p_id bigint, p_is_new boolean, p_resource_type text, p_values jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT p_is_new THEN
        DELETE FROM public.search_references s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(p_values->'references') n
            WHERE n->>0 = s.parameter AND n->>1 = s.target_type AND n->>2 = s.target_id
        );
        DELETE FROM public.search_dates s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(p_values->'dates') n
            WHERE n->>0 = s.parameter
                AND (n->>1)::timestamptz = s.start_at AND (n->>2)::timestamptz = s.end_at
        );
        DELETE FROM public.search_quantities s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(p_values->'quantities') n
            WHERE n->>0 = s.parameter AND (n->>1)::bigint = s.value_hash
        );
        DELETE FROM public.search_texts s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(p_values->'texts') n
            WHERE n->>0 = s.parameter AND (n->>1)::bigint = s.value_hash
        );
        DELETE FROM public.search_composites s
        WHERE s.resource_id = p_id AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(p_values->'composites') n
            WHERE n->>0 = s.parameter AND (n->>1)::bigint = s.value_hash
        );
    END IF;

    IF p_values ? 'references' THEN
        INSERT INTO public.search_references (resource_id, resource_type, parameter, target_type, target_id)
        SELECT p_id, p_resource_type, n->>0, n->>1, n->>2 FROM jsonb_array_elements(p_values->'references') n
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_values ? 'dates' THEN
        INSERT INTO public.search_dates (resource_id, resource_type, parameter, start_at, end_at)
        SELECT p_id, p_resource_type, n->>0, (n->>1)::timestamptz, (n->>2)::timestamptz
        FROM jsonb_array_elements(p_values->'dates') n
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_values ? 'quantities' THEN
        INSERT INTO public.search_quantities
            (resource_id, resource_type, parameter, value_hash, low, high, system, code, unit)
        SELECT p_id, p_resource_type, n->>0, (n->>1)::bigint, (n->>2)::numeric, (n->>3)::numeric,
            n->>4, n->>5, n->>6
        FROM jsonb_array_elements(p_values->'quantities') n
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_values ? 'texts' THEN
        INSERT INTO public.search_texts (resource_id, resource_type, parameter, value_hash, document)
        SELECT p_id, p_resource_type, n->>0, (n->>1)::bigint, to_tsvector('simple'::regconfig, n->>2)
        FROM jsonb_array_elements(p_values->'texts') n
        -- A document of what is there already would be made in vain.
        WHERE p_is_new OR NOT EXISTS (
            SELECT FROM public.search_texts s
            WHERE s.resource_id = p_id AND s.parameter = n->>0 AND s.value_hash = (n->>1)::bigint
        )
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_values ? 'composites' THEN
        INSERT INTO public.search_composites (resource_id, resource_type, parameter, value_hash, components)
        SELECT p_id, p_resource_type, n->>0, (n->>1)::bigint, n->2
        FROM jsonb_array_elements(p_values->'composites') n
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;


-- The search rows of a resource anew, as `manage.py reindex` works them out from the version that it has read.
CREATE OR REPLACE FUNCTION fhir_reindex(
    p_resource_type text,
    p_fhir_id text,
    p_version integer,
    p_string_parameters text[],
    p_string_values text[],
    p_string_hashes bigint[],
    p_token_parameters text[],
    p_token_systems text[],
    p_token_values text[],
    p_compartment_patients text[],
    p_date timestamptz,
    p_listed_keys uuid[],
    p_unlisted_keys uuid[],
    p_list_date timestamptz,
    p_values jsonb
) RETURNS boolean   -- false: somebody writes it right now, or has written or deleted it meanwhile
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_id bigint;
    v_time timestamptz;
BEGIN
    -- It never waits: a batch holds many such locks, and a writer that waits for two could be made to give up.
    SELECT r.id, r.last_updated INTO v_id, v_time
    FROM public.fhir_resources r
    WHERE r.resource_type = p_resource_type AND r.fhir_id = p_fhir_id AND r.version_id = p_version
        AND NOT r.deleted
    FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM public.fhir_write_search_rows(
        v_id, false, p_resource_type,
        p_string_parameters, p_string_values, p_string_hashes,
        p_token_parameters, p_token_systems, p_token_values,
        p_compartment_patients, p_date
    );
    PERFORM public.fhir_write_lists(
        v_id, false, true, p_resource_type, v_time, p_listed_keys, p_unlisted_keys, p_list_date
    );
    PERFORM public.fhir_write_values(v_id, false, p_resource_type, p_values);
    RETURN true;
END
$$;


CREATE OR REPLACE FUNCTION fhir_write_patient(
    p_id bigint, p_fhir_id text, p_version integer, p_time timestamptz, p_patient jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    v_row public.patient_index;
BEGIN
    IF p_patient IS NULL THEN
        DELETE FROM public.patient_index i WHERE i.id = p_id RETURNING i.* INTO v_row;
    ELSE
        v_row := jsonb_populate_record(NULL::public.patient_index, p_patient);
        v_row.id := p_id;
        v_row.patient_id := p_fhir_id;
        v_row.version_id := p_version;
        v_row.last_updated := p_time;
        INSERT INTO public.patient_index SELECT (v_row).*
        ON CONFLICT (id) DO UPDATE SET ({columns}) = (SELECT {excluded});
    END IF;
    IF v_row.id IS NOT NULL THEN
        -- Stamped with this transaction: a refresh prunes only what its own snapshot could see.
        INSERT INTO public.patient_summary_delta ({all_columns}, gone, xact)
        SELECT (v_row).*, p_patient IS NULL, pg_current_xact_id()
        ON CONFLICT (id) DO UPDATE SET ({columns}, gone, xact) = (SELECT {excluded}, excluded.gone, excluded.xact);
    END IF;
END
$$;
