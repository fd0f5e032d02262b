-- Letters and decisions are numbered apart from each other, so that kinds are told apart; which numbers our own register
-- gave; which templates made the text as issued; the hash of the secret on the paper that leads to its check page.
CREATE TABLE issued_papers_new (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  issuer_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('permit', 'decision', 'revocation')),
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
  registered BOOLEAN NOT NULL DEFAULT FALSE,
  template TEXT,
  check_hash TEXT UNIQUE,
  UNIQUE (issuer_id, kind, year, number)
);
INSERT INTO issued_papers_new (id, dossier_id, revision, issuer_id, kind, year, number, symbol, dated_on, signer, forms,
    valid_from, valid_to, sha256, issued_by, issued_at, acting_for, mandate_id)
  SELECT p.id, p.dossier_id, p.revision, p.issuer_id,
    CASE WHEN p.kind = 'permit' AND d.direction = 'outbound' THEN 'decision' ELSE p.kind END, p.year, p.number, p.symbol,
    p.dated_on, p.signer, p.forms, p.valid_from, p.valid_to, p.sha256, p.issued_by, p.issued_at, p.acting_for, p.mandate_id
  FROM issued_papers p JOIN dossiers d ON d.id = p.dossier_id;
-- What refers to the old table stands aside while it goes.
CREATE TABLE paper_recipients_kept AS SELECT * FROM paper_recipients;
DELETE FROM paper_recipients;
DROP TABLE issued_papers;
ALTER TABLE issued_papers_new RENAME TO issued_papers;
CREATE INDEX issued_papers_by_dossier ON issued_papers (dossier_id);
INSERT INTO paper_recipients (paper_id, place, name, channel) SELECT paper_id, place, name, channel FROM paper_recipients_kept;
DROP TABLE paper_recipients_kept;

-- The text of a paper as it was issued, sealed: the same bytes for ever.
CREATE TABLE issued_texts (
  paper_id TEXT NOT NULL REFERENCES issued_papers (id),
  format TEXT NOT NULL CHECK (format IN ('pdf', 'docx')),
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  sealed BLOB NOT NULL,
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
CREATE TRIGGER issued_papers_no_update BEFORE UPDATE ON issued_papers BEGIN SELECT RAISE(ABORT, 'append-only: issued_papers'); END;
CREATE TRIGGER issued_papers_no_delete BEFORE DELETE ON issued_papers BEGIN SELECT RAISE(ABORT, 'append-only: issued_papers'); END;
CREATE TRIGGER issued_texts_no_update BEFORE UPDATE ON issued_texts BEGIN SELECT RAISE(ABORT, 'append-only: issued_texts'); END;
CREATE TRIGGER issued_texts_no_delete BEFORE DELETE ON issued_texts BEGIN SELECT RAISE(ABORT, 'append-only: issued_texts'); END;
CREATE TRIGGER signed_files_no_update BEFORE UPDATE ON signed_files BEGIN SELECT RAISE(ABORT, 'append-only: signed_files'); END;
CREATE TRIGGER signed_files_no_delete BEFORE DELETE ON signed_files BEGIN SELECT RAISE(ABORT, 'append-only: signed_files'); END;
