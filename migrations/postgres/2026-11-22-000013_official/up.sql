-- Letters and decisions are numbered apart from each other, so that kinds are told apart; which numbers our own register
-- gave; which templates made the text as issued; the hash of the secret on the paper that leads to its check page.
ALTER TABLE issued_papers DROP CONSTRAINT issued_papers_kind_check;
ALTER TABLE issued_papers ADD CONSTRAINT issued_papers_kind_check CHECK (kind IN ('permit', 'decision', 'revocation'));
ALTER TABLE issued_papers ADD COLUMN registered BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE issued_papers ADD COLUMN template TEXT;
ALTER TABLE issued_papers ADD COLUMN check_hash TEXT UNIQUE;
UPDATE issued_papers SET kind = 'decision' FROM dossiers
  WHERE dossiers.id = issued_papers.dossier_id AND dossiers.direction = 'outbound' AND issued_papers.kind = 'permit';

-- The text of a paper as it was issued, sealed: the same bytes for ever.
CREATE TABLE issued_texts (
  paper_id TEXT NOT NULL REFERENCES issued_papers (id),
  format TEXT NOT NULL CHECK (format IN ('pdf', 'docx')),
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (paper_id, format)
);
-- The signed file of a paper; another one only where the one before was taken away.
CREATE TABLE signed_files (
  paper_id TEXT NOT NULL REFERENCES issued_papers (id),
  no INTEGER NOT NULL CHECK (no >= 1),
  file_id TEXT NOT NULL REFERENCES files (id),
  sha256 TEXT NOT NULL,
  kept_by TEXT NOT NULL REFERENCES accounts (id),
  kept_at TIMESTAMP NOT NULL,
  PRIMARY KEY (paper_id, no)
);
-- The last number that our own register gave: the row is the lock of the series.
CREATE TABLE paper_series (
  issuer_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('permit', 'decision', 'revocation')),
  year INTEGER NOT NULL,
  last_no BIGINT NOT NULL,
  PRIMARY KEY (issuer_id, kind, year)
);
CREATE TRIGGER issued_papers_no_change BEFORE UPDATE OR DELETE ON issued_papers FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER issued_papers_no_truncate BEFORE TRUNCATE ON issued_papers FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER issued_texts_no_change BEFORE UPDATE OR DELETE ON issued_texts FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER issued_texts_no_truncate BEFORE TRUNCATE ON issued_texts FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER signed_files_no_change BEFORE UPDATE OR DELETE ON signed_files FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER signed_files_no_truncate BEFORE TRUNCATE ON signed_files FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
