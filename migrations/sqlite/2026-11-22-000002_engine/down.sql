CREATE TABLE decisions_before (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  step_id TEXT NOT NULL REFERENCES steps (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  acting_for TEXT REFERENCES accounts (id),
  mandate_id TEXT,
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'approve_with_conditions', 'return', 'reject', 'forward')),
  comment TEXT,
  forms TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  made_at TIMESTAMP NOT NULL,
  UNIQUE (dossier_id, revision, person_id)
);
INSERT INTO decisions_before SELECT id, dossier_id, revision, step_id, person_id, account_id, acting_for, mandate_id,
  decision, comment, forms, content_hash, made_at FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_before RENAME TO decisions;
CREATE INDEX decisions_by_step ON decisions (step_id);
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions d WHERE d.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;
CREATE TRIGGER decisions_four_eyes BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM dossier_authors a WHERE a.dossier_id = NEW.dossier_id AND a.person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'four-eyes: the decider filed, edited or travels in this dossier'); END;
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
