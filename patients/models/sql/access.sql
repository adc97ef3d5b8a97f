-- Each change of what the policy is made of changes the generation by which processes know whether the
-- policies that they keep are those that hold. A random value: one that was rolled back never comes again.
CREATE OR REPLACE FUNCTION access_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE public.access_generation SET value = gen_random_uuid();
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON auth_group FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON auth_user_groups FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON access_grants FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON access_lists FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON access_list_users FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON access_list_entries FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
CREATE OR REPLACE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON access_affiliations FOR EACH STATEMENT EXECUTE FUNCTION access_changed();
