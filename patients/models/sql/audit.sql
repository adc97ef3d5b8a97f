-- The partitions of audit_records for this month and the next ones; answers how many it made.
CREATE OR REPLACE FUNCTION audit_make_months(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    -- It waits for whoever reads the table, and the rest waits for it: not for long.
    SET lock_timeout = '2s'
AS $$
DECLARE
    this_month CONSTANT timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    first timestamptz;
    next timestamptz;
    name text;
    made integer := 0;
BEGIN
    FOR i IN 0..least(ahead, 120) LOOP
        month := this_month + make_interval(months => i);
        name := 'audit_records_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        first := month AT TIME ZONE 'UTC';
        next := (month + interval '1 month') AT TIME ZONE 'UTC';
        EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_records INCLUDING DEFAULTS)', name);
        -- What came while there was no such month lies with the rest.
        EXECUTE format(
            'WITH early AS (DELETE FROM public.audit_records_rest WHERE recorded >= %L AND recorded < %L RETURNING *)'
            ' INSERT INTO public.%I SELECT * FROM early',
            first, next, name
        );
        EXECUTE format(
            'ALTER TABLE public.audit_records ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, first, next
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
