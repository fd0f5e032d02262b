DROP TABLE paper_series;
DROP TABLE signed_files;
DROP TABLE issued_texts;
DROP TRIGGER issued_papers_no_update;
DROP TRIGGER issued_papers_no_delete;
CREATE TABLE issued_papers_old (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  issuer_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('permit', 'revocation')),
  year INTEGER NOT NULL,
  number TEXT NOT NULL,
  symbol TEXT NOT NULL,
  dated_on DATE NOT NULL,
  signer TEXT NOT NULL,
  forms TEXT NOT NULL,
  valid_from DATE,
  valid_to DATE,
  sha256 TEXT,
  issued_by TEXT NOT NULL REFERENCES accounts (id),
  issued_at TIMESTAMP NOT NULL,
  acting_for TEXT,
  mandate_id TEXT REFERENCES mandates (id),
  UNIQUE (issuer_id, kind, year, number)
);
INSERT INTO issued_papers_old SELECT id, dossier_id, revision, issuer_id, CASE kind WHEN 'decision' THEN 'permit' ELSE kind END,
  year, number, symbol, dated_on, signer, forms, valid_from, valid_to, sha256, issued_by, issued_at, acting_for, mandate_id
  FROM issued_papers;
CREATE TABLE paper_recipients_kept AS SELECT * FROM paper_recipients;
DELETE FROM paper_recipients;
DROP TABLE issued_papers;
ALTER TABLE issued_papers_old RENAME TO issued_papers;
CREATE INDEX issued_papers_by_dossier ON issued_papers (dossier_id);
INSERT INTO paper_recipients (paper_id, place, name, channel) SELECT paper_id, place, name, channel FROM paper_recipients_kept;
DROP TABLE paper_recipients_kept;
