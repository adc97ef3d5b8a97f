-- The labels that restrict who sees a resource (patients/access/vocabulary.py), of the few that have one. The
-- triggers stand on the table that every way of writing passes; of a resource without labels they ask one
-- member. A deleted resource keeps its labels, as it keeps its last data: that it was there is not told either.
CREATE OR REPLACE FUNCTION resource_labels_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    DELETE FROM public.resource_labels l WHERE l.resource_id = NEW.id;
    INSERT INTO public.resource_labels (resource_id, label, patient_id)
    SELECT DISTINCT NEW.id, c.value->>'code', CASE WHEN NEW.resource_type = 'Patient' THEN NEW.fhir_id END
    FROM jsonb_array_elements(NEW.resource_data #> '{meta,security}') AS c
    WHERE c.value->>'code' IN ('R', 'V')
      AND coalesce(c.value->>'system', 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality')
          = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER resource_labels_of_new AFTER INSERT ON fhir_resources
    FOR EACH ROW WHEN (NEW.resource_data #> '{meta,security}' IS NOT NULL)
    EXECUTE FUNCTION resource_labels_note();
CREATE OR REPLACE TRIGGER resource_labels_of_changed AFTER UPDATE OF resource_data ON fhir_resources
    FOR EACH ROW WHEN (
        OLD.resource_data #> '{meta,security}' IS DISTINCT FROM NEW.resource_data #> '{meta,security}'
    )
    EXECUTE FUNCTION resource_labels_note();
