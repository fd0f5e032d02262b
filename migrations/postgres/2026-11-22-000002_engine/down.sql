CREATE OR REPLACE FUNCTION legation_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM dossier_authors a WHERE a.dossier_id = NEW.dossier_id AND a.person_id = NEW.person_id) THEN
    RAISE EXCEPTION 'four-eyes: the decider filed, edited or travels in this dossier';
  END IF;
  RETURN NEW;
END $$;
ALTER TABLE decisions DROP CONSTRAINT decisions_dossier_id_revision_lap_person_id_key;
ALTER TABLE decisions ADD UNIQUE (dossier_id, revision, person_id);
ALTER TABLE decisions DROP CONSTRAINT decisions_check;
ALTER TABLE decisions DROP CONSTRAINT decisions_mandate_id_fkey;
ALTER TABLE decisions DROP COLUMN lap;
ALTER TABLE decisions DROP COLUMN returned_to;
ALTER TABLE decisions DROP COLUMN conditions;
ALTER TABLE decisions DROP COLUMN struck;
DROP TABLE opinions;
DROP TABLE mandates;
ALTER TABLE steps ADD COLUMN working_days INTEGER;
UPDATE steps SET working_days = clock WHERE clock_unit = 'wd';
ALTER TABLE steps DROP COLUMN stage;
ALTER TABLE steps DROP COLUMN lap;
ALTER TABLE steps DROP COLUMN body;
ALTER TABLE steps DROP COLUMN binding;
ALTER TABLE steps DROP COLUMN forward_to;
ALTER TABLE steps DROP COLUMN clock;
ALTER TABLE steps DROP COLUMN clock_unit;
ALTER TABLE steps DROP COLUMN due_on;
ALTER TABLE steps DROP COLUMN title_vi;
ALTER TABLE steps DROP COLUMN title_en;
