-- Refreshing the summary view belongs to the tables' owner; these let the application's role ask for it.
-- Only `patients.models.summary_refresh` calls them, under its advisory lock.

CREATE OR REPLACE FUNCTION patient_summary_refresh(p_concurrently boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF p_concurrently THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY public.patient_summary;
    ELSE
        REFRESH MATERIALIZED VIEW public.patient_summary;
    END IF;
END
$$;


-- Removes the delta rows that the view's snapshot could see; answers how many.
CREATE OR REPLACE FUNCTION patient_summary_prune(p_snapshot pg_snapshot) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH pruned AS (
        DELETE FROM public.patient_summary_delta d
        WHERE pg_visible_in_snapshot(d.xact, p_snapshot)
        RETURNING 1
    )
    SELECT count(*) FROM pruned
$$;
