-- The partitions of audit_records for this month and the next ones; answers how many it made.
CREATE OR REPLACE FUNCTION audit_make_months(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    -- It waits for whoever reads the table, and the rest waits for it: not for long.
    SET lock_timeout = '2s'
AS $$
DECLARE
    this_month CONSTANT timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    made integer := 0;
BEGIN
    FOR i IN 0..least(ahead, 120) LOOP
        month := this_month + make_interval(months => i);
        CONTINUE WHEN to_regclass('public.audit_records_' || to_char(month, 'YYYY_MM')) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF public.audit_records FOR VALUES FROM (%L) TO (%L)',
            'audit_records_' || to_char(month, 'YYYY_MM'),
            month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
