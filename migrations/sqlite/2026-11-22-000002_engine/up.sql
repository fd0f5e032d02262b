-- Steps in stages, with a clock of their own, bodies that answer on paper, laps within a revision, and their words.
ALTER TABLE steps ADD COLUMN stage INTEGER NOT NULL DEFAULT 1;
ALTER TABLE steps ADD COLUMN lap INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN body TEXT;
ALTER TABLE steps ADD COLUMN binding BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE steps ADD COLUMN forward_to TEXT;
ALTER TABLE steps ADD COLUMN clock INTEGER;
ALTER TABLE steps ADD COLUMN clock_unit TEXT CHECK (clock_unit IN ('wd', 'cd', 'h'));
ALTER TABLE steps ADD COLUMN due_on DATE;
ALTER TABLE steps ADD COLUMN title_vi TEXT NOT NULL DEFAULT '';
ALTER TABLE steps ADD COLUMN title_en TEXT NOT NULL DEFAULT '';
UPDATE steps SET stage = no, clock = working_days,
  clock_unit = CASE WHEN working_days IS NULL THEN NULL ELSE 'wd' END,
  title_vi = CASE kind WHEN 'endorse' THEN 'Liên hiệp xác nhận' WHEN 'appraise' THEN 'Thẩm định'
    WHEN 'approve' THEN 'Phê duyệt' ELSE kind END,
  title_en = CASE kind WHEN 'endorse' THEN 'Endorsement by the Union' WHEN 'appraise' THEN 'Appraisal'
    WHEN 'approve' THEN 'Approval' ELSE kind END;
ALTER TABLE steps DROP COLUMN working_days;

-- TUQ.: a written, dated mandate to decide in the giver's place. Ended, never deleted.
CREATE TABLE mandates (
  id TEXT PRIMARY KEY,
  giver_id TEXT NOT NULL REFERENCES accounts (id),
  giver_person_id TEXT NOT NULL REFERENCES people (id),
  holder_id TEXT NOT NULL REFERENCES accounts (id),
  holder_person_id TEXT NOT NULL REFERENCES people (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  role TEXT NOT NULL,
  letter_number TEXT NOT NULL,
  letter_date DATE NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE NOT NULL,
  limits TEXT NOT NULL,
  note TEXT,
  created_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP,
  ended_by TEXT REFERENCES accounts (id),
  CHECK (valid_from <= valid_to),
  CHECK (giver_id <> holder_id),
  CHECK (giver_person_id <> holder_person_id)
);
CREATE INDEX mandates_by_holder ON mandates (holder_id, valid_to);
CREATE INDEX mandates_by_giver ON mandates (giver_id, valid_to);

-- What a body without accounts answered on paper, as it was recorded.
CREATE TABLE opinions (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  step_id TEXT NOT NULL REFERENCES steps (id),
  body TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('agrees', 'agrees_with_conditions', 'objects', 'no_answer')),
  number TEXT,
  dated_on DATE,
  conditions TEXT,
  handled_offline BOOLEAN NOT NULL,
  file_id TEXT,
  recorded_by TEXT NOT NULL REFERENCES accounts (id),
  recorded_at TIMESTAMP NOT NULL,
  CHECK (answer = 'no_answer' OR (number IS NOT NULL AND dated_on IS NOT NULL)),
  CHECK (NOT handled_offline OR conditions IS NULL)
);
CREATE INDEX opinions_by_dossier ON opinions (dossier_id);

CREATE TRIGGER opinions_no_update BEFORE UPDATE ON opinions BEGIN SELECT RAISE(ABORT, 'append-only: opinions'); END;
CREATE TRIGGER opinions_no_delete BEFORE DELETE ON opinions BEGIN SELECT RAISE(ABORT, 'append-only: opinions'); END;
CREATE TRIGGER opinions_no_replace BEFORE INSERT ON opinions
WHEN EXISTS (SELECT 1 FROM opinions o WHERE o.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only: opinions'); END;

-- One decision a person and lap. SQLite changes no constraint in place: the table is built anew, with its triggers.
CREATE TABLE decisions_anew (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  lap INTEGER NOT NULL,
  step_id TEXT NOT NULL REFERENCES steps (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  acting_for TEXT REFERENCES accounts (id),
  mandate_id TEXT REFERENCES mandates (id),
  decision TEXT NOT NULL CHECK (decision IN ('approve', 'approve_with_conditions', 'return', 'reject', 'forward')),
  returned_to TEXT CHECK (returned_to IN ('requester', 'appraiser')),
  comment TEXT,
  conditions TEXT,
  struck TEXT,
  forms TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  made_at TIMESTAMP NOT NULL,
  UNIQUE (dossier_id, revision, lap, person_id),
  CHECK ((acting_for IS NULL) = (mandate_id IS NULL))
);
INSERT INTO decisions_anew (id, dossier_id, revision, lap, step_id, person_id, account_id, acting_for, mandate_id, decision,
  returned_to, comment, forms, content_hash, made_at)
SELECT id, dossier_id, revision, 0, step_id, person_id, account_id, NULL, NULL, decision,
  CASE decision WHEN 'return' THEN 'requester' END, comment, forms, content_hash, made_at FROM decisions;
DROP TABLE decisions;
ALTER TABLE decisions_anew RENAME TO decisions;
CREATE INDEX decisions_by_step ON decisions (step_id);
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions d WHERE d.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only: decisions'); END;

-- Four eyes, also behind a mandate: neither who decides nor for whom.
CREATE TRIGGER decisions_four_eyes BEFORE INSERT ON decisions
WHEN EXISTS (
  SELECT 1 FROM dossier_authors a WHERE a.dossier_id = NEW.dossier_id AND (a.person_id = NEW.person_id
    OR a.person_id = (SELECT g.person_id FROM accounts g WHERE g.id = NEW.acting_for)))
BEGIN SELECT RAISE(ABORT, 'four-eyes: the decider or the giver of the mandate filed, edited or travels in this dossier'); END;
-- Giver and holder are one voice.
CREATE TRIGGER decisions_one_voice BEFORE INSERT ON decisions
WHEN EXISTS (
  SELECT 1 FROM decisions d LEFT JOIN accounts g ON g.id = d.acting_for
  WHERE d.dossier_id = NEW.dossier_id AND d.revision = NEW.revision AND d.lap = NEW.lap
    AND (g.person_id = NEW.person_id
      OR d.person_id = (SELECT n.person_id FROM accounts n WHERE n.id = NEW.acting_for)
      OR g.person_id = (SELECT n.person_id FROM accounts n WHERE n.id = NEW.acting_for)))
BEGIN SELECT RAISE(ABORT, 'one-voice: giver and holder of a mandate decide once together'); END;
