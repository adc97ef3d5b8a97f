-- The one door to the records' tables: `fhir_write` stores versions of resources together with their search
-- rows and, for a Patient, its row in the index and in the delta of the summary view.
-- The application's role may execute it and may not write those tables otherwise.
--
-- One call writes many resources, each of them once, and each statement in it writes a table for all of them:
-- the statement costs more than its rows. Values come as columns, one array each; `…_of` tells of each value
-- the place of its resource in `p_types`, counted from 1.

CREATE OR REPLACE FUNCTION fhir_write(
    p_methods text[],
    p_expected_versions integer[],  -- the version that the caller has read; 0: there is none
    p_prefixes text[],              -- the content up to meta.lastUpdated; null: a deletion
    p_suffixes text[],              -- and from there on
    p_patients jsonb[],             -- columns of patient_index; null: not a Patient, or a deletion
    {row_parameters}
) RETURNS timestamptz[]
    -- When each was written. Null: somebody else has written the resource since it was read; nothing of it
    -- was changed.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    v_count integer := cardinality(p_types);
    v_now timestamptz;
    v_ids bigint[];  -- 0: it is not written
    v_are_new boolean[];
    v_times timestamptz[];
    v_stamps text[];
    v_made bigint[];
    v_row record;
BEGIN
    v_times := array_fill('-infinity'::timestamptz, ARRAY[v_count]);
    v_are_new := array(SELECT e = 0 FROM unnest(p_expected_versions) WITH ORDINALITY AS u(e, n) ORDER BY n);
    v_ids := array(
        SELECT CASE WHEN is_new THEN nextval('public.fhir_resources_id_seq') ELSE 0 END
        FROM unnest(v_are_new) WITH ORDINALITY AS u(is_new, n) ORDER BY n
    );
    IF false = ANY (v_are_new) THEN
        -- In one order, so that two calls never wait for each other in a circle; of several calls in one
        -- transaction the caller has to expect it.
        FOR v_row IN
            SELECT u.n, r.id, r.last_updated
            FROM unnest(p_types, p_ids, p_expected_versions) WITH ORDINALITY AS u(resource_type, fhir_id,
                version_id, n)
            JOIN public.fhir_resources r
                ON r.resource_type = u.resource_type AND r.fhir_id = u.fhir_id AND r.version_id = u.version_id
            ORDER BY r.id
            FOR UPDATE OF r
        LOOP
            v_ids[v_row.n] := v_row.id;
            v_times[v_row.n] := v_row.last_updated + interval '1 millisecond';
        END LOOP;
    END IF;
    -- Read after the locks were granted, and never back: versions of one resource have rising times.
    v_now := date_trunc('milliseconds', clock_timestamp());
    v_times := array(SELECT greatest(v_now, t) FROM unnest(v_times) WITH ORDINALITY AS u(t, n) ORDER BY n);
    v_stamps := array(
        SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        FROM unnest(v_times) WITH ORDINALITY AS u(t, n) ORDER BY n
    );

    IF true = ANY (v_are_new) THEN
        WITH made AS (
            INSERT INTO public.fhir_resources AS r
                (id, resource_type, fhir_id, version_id, resource_data, deleted, last_updated)
            SELECT v_ids[u.n], u.resource_type, u.fhir_id, 1, (u.prefix || v_stamps[u.n] || u.suffix)::jsonb,
                false, v_times[u.n]
            FROM unnest(p_types, p_ids, p_prefixes, p_suffixes)
                WITH ORDINALITY AS u(resource_type, fhir_id, prefix, suffix, n)
            WHERE v_are_new[u.n]
            ORDER BY u.n
            ON CONFLICT (resource_type, fhir_id) DO NOTHING
            RETURNING r.id
        )
        SELECT array_agg(id) INTO v_made FROM made;
        v_ids := array(
            SELECT CASE WHEN id = 0 OR id = ANY (v_made) OR NOT v_are_new[n] THEN id ELSE 0 END
            FROM unnest(v_ids) WITH ORDINALITY AS u(id, n) ORDER BY n
        );
    END IF;
    IF false = ANY (v_are_new) THEN
        -- A deleted resource keeps its last data for the administrators; it is in no search row.
        UPDATE public.fhir_resources r
        SET version_id = r.version_id + 1,
            resource_data = coalesce((u.prefix || v_stamps[u.n] || u.suffix)::jsonb, r.resource_data),
            deleted = u.prefix IS NULL,
            last_updated = v_times[u.n]
        FROM unnest(p_prefixes, p_suffixes) WITH ORDINALITY AS u(prefix, suffix, n)
        WHERE r.id = v_ids[u.n] AND NOT v_are_new[u.n];
    END IF;

    INSERT INTO public.fhir_resource_versions
        (resource_id, version_id, resource_type, method, last_updated, content)
    SELECT v_ids[u.n], u.expected + 1, u.resource_type, u.method, v_times[u.n],
        u.prefix || v_stamps[u.n] || u.suffix
    FROM unnest(p_types, p_methods, p_expected_versions, p_prefixes, p_suffixes)
        WITH ORDINALITY AS u(resource_type, method, expected, prefix, suffix, n)
    WHERE v_ids[u.n] > 0;

    PERFORM public.fhir_write_rows(v_ids, v_are_new, false, v_times, {row_arguments});
    IF 'Patient' = ANY (p_types) THEN
        PERFORM public.fhir_write_patient(v_ids[u.n], u.fhir_id, u.expected + 1, v_times[u.n], u.patient)
        FROM unnest(p_types, p_ids, p_expected_versions, p_patients)
            WITH ORDINALITY AS u(resource_type, fhir_id, expected, patient, n)
        WHERE u.resource_type = 'Patient' AND v_ids[u.n] > 0;
    END IF;
    RETURN array(
        SELECT CASE WHEN id > 0 THEN v_times[n] END FROM unnest(v_ids) WITH ORDINALITY AS u(id, n) ORDER BY n
    );
END
$$;


-- The search rows of resources anew, as `manage.py reindex` works them out from the versions that it has read.
CREATE OR REPLACE FUNCTION fhir_reindex(
    p_versions integer[],
    {row_parameters}
) RETURNS boolean[]   -- false: somebody writes it right now, or has written or deleted it meanwhile
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    v_ids bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_types)]);
    v_times timestamptz[] := array_fill('-infinity'::timestamptz, ARRAY[cardinality(p_types)]);
    v_row record;
BEGIN
    -- It never waits: a batch holds many such locks, and a writer that waits for two could be made to give up.
    FOR v_row IN
        SELECT u.n, r.id, r.last_updated
        FROM unnest(p_types, p_ids, p_versions) WITH ORDINALITY AS u(resource_type, fhir_id, version_id, n)
        JOIN public.fhir_resources r
            ON r.resource_type = u.resource_type AND r.fhir_id = u.fhir_id AND r.version_id = u.version_id
            AND NOT r.deleted
        FOR NO KEY UPDATE OF r SKIP LOCKED
    LOOP
        v_ids[v_row.n] := v_row.id;
        v_times[v_row.n] := v_row.last_updated;
    END LOOP;
    PERFORM public.fhir_write_rows(
        v_ids, array_fill(false, ARRAY[cardinality(p_types)]), true, v_times, {row_arguments}
    );
    RETURN array(SELECT id > 0 FROM unnest(v_ids) WITH ORDINALITY AS u(id, n) ORDER BY n);
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
