-- Rulebooks as numbered versions that never change, and which of them was made active when; rules passed by with a
-- reason; and what the rules said of each submission.

CREATE TABLE rulebook_versions (
  no INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  source TEXT NOT NULL,
  loaded_at TIMESTAMP NOT NULL
);

CREATE TABLE rulebook_activations (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES rulebook_versions (no),
  activated_at TIMESTAMP NOT NULL
);

-- Asked for by the officer, granted by whom the rule names; a rule of law needs a second person.
CREATE TABLE overrides (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  rule TEXT NOT NULL,
  rulebook_version INTEGER NOT NULL REFERENCES rulebook_versions (no),
  role TEXT NOT NULL,
  needed INTEGER NOT NULL CHECK (needed IN (1, 2)),
  content_hash TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES accounts (id),
  asked_at TIMESTAMP NOT NULL,
  refused_at TIMESTAMP,
  UNIQUE (dossier_id, revision, rule, content_hash)
);

CREATE TABLE override_answers (
  override_id TEXT NOT NULL REFERENCES overrides (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  granted BOOLEAN NOT NULL,
  comment TEXT,
  answered_at TIMESTAMP NOT NULL,
  PRIMARY KEY (override_id, person_id)
);

-- Every round was judged by one version: refusing an amendment leads back to that of the round in force.
ALTER TABLE revisions ADD COLUMN rulebook_version INTEGER NOT NULL DEFAULT 1;

-- The rules that a submission did not keep: the source of annex 6.
CREATE TABLE submission_findings (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  rule TEXT NOT NULL,
  late BOOLEAN NOT NULL,
  overridden BOOLEAN NOT NULL,
  binding BOOLEAN NOT NULL,
  PRIMARY KEY (dossier_id, revision, rule)
);

CREATE TRIGGER rulebook_versions_no_update BEFORE UPDATE ON rulebook_versions BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_versions'); END;
CREATE TRIGGER rulebook_versions_no_delete BEFORE DELETE ON rulebook_versions BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_versions'); END;
CREATE TRIGGER rulebook_versions_no_replace BEFORE INSERT ON rulebook_versions
WHEN EXISTS (SELECT 1 FROM rulebook_versions v WHERE v.no = NEW.no OR v.sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_versions'); END;
CREATE TRIGGER rulebook_activations_no_update BEFORE UPDATE ON rulebook_activations BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_activations'); END;
CREATE TRIGGER rulebook_activations_no_delete BEFORE DELETE ON rulebook_activations BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_activations'); END;
CREATE TRIGGER rulebook_activations_no_replace BEFORE INSERT ON rulebook_activations
WHEN EXISTS (SELECT 1 FROM rulebook_activations a WHERE a.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only: rulebook_activations'); END;
CREATE TRIGGER override_answers_no_update BEFORE UPDATE ON override_answers BEGIN SELECT RAISE(ABORT, 'append-only: override_answers'); END;
CREATE TRIGGER override_answers_no_delete BEFORE DELETE ON override_answers BEGIN SELECT RAISE(ABORT, 'append-only: override_answers'); END;
CREATE TRIGGER override_answers_no_replace BEFORE INSERT ON override_answers
WHEN EXISTS (SELECT 1 FROM override_answers a WHERE a.override_id = NEW.override_id AND a.person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'append-only: override_answers'); END;

CREATE TRIGGER override_answers_four_eyes BEFORE INSERT ON override_answers
WHEN EXISTS (SELECT 1 FROM dossier_authors a JOIN overrides o ON o.dossier_id = a.dossier_id
             WHERE o.id = NEW.override_id AND a.person_id = NEW.person_id)
BEGIN SELECT RAISE(ABORT, 'four-eyes: who filed, edited or travels cannot override a rule of the dossier'); END;
