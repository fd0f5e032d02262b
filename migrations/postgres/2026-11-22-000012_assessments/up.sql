-- What every rule said of each submission, by id alone and without personal data: written when it is filed, and again
-- when it is approved, for the rules that hang on what the bodies answered. The source of the self-check of a return.
CREATE TABLE assessments (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  rulebook_version INTEGER NOT NULL REFERENCES rulebook_versions (no),
  judged_at TIMESTAMP NOT NULL,
  verdicts TEXT NOT NULL,
  PRIMARY KEY (dossier_id, revision)
);
