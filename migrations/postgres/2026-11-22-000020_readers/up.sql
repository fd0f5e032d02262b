-- A colleague who is named as a reader of a confidential dossier, beside those whom its course names.
ALTER TABLE dossier_parties DROP CONSTRAINT dossier_parties_capacity_check;
ALTER TABLE dossier_parties ADD CONSTRAINT dossier_parties_capacity_check
  CHECK (capacity IN ('lead_host', 'co_host', 'receives', 'step', 'issues', 'author', 'reader'));
