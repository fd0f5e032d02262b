-- Returns that were closed, with what replaces what, and their files exactly as they were handed out, sealed.
CREATE TABLE closings (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('monthly', 'quarterly', 'half', 'nine', 'yearly')),
  label TEXT NOT NULL,
  days TEXT NOT NULL CHECK (days IN ('calendar', '15-14')),
  no INTEGER NOT NULL CHECK (no >= 1),
  replaces TEXT REFERENCES closings (id),
  reason TEXT,
  as_of DATE NOT NULL,
  due_on DATE NOT NULL,
  rulebook_version INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  closed_by TEXT NOT NULL REFERENCES accounts (id),
  closed_at TIMESTAMP NOT NULL,
  UNIQUE (organisation_id, kind, label, days, no),
  CHECK ((no = 1) = (replaces IS NULL)),
  CHECK ((replaces IS NULL) = (reason IS NULL))
);
CREATE TABLE closing_files (
  closing_id TEXT NOT NULL REFERENCES closings (id),
  name TEXT NOT NULL,
  lang TEXT NOT NULL CHECK (lang IN ('vi', 'en')),
  sealed BYTEA NOT NULL,
  PRIMARY KEY (closing_id, name, lang)
);
CREATE TABLE hand_overs (
  id TEXT PRIMARY KEY,
  closing_id TEXT NOT NULL REFERENCES closings (id),
  given_to TEXT NOT NULL,
  given_on DATE NOT NULL,
  how TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  recorded_by TEXT NOT NULL REFERENCES accounts (id),
  recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX hand_overs_closing ON hand_overs (closing_id, id);
CREATE TRIGGER closings_no_change BEFORE UPDATE OR DELETE ON closings FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER closings_no_truncate BEFORE TRUNCATE ON closings FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER closing_files_no_change BEFORE UPDATE OR DELETE ON closing_files FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER closing_files_no_truncate BEFORE TRUNCATE ON closing_files FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER hand_overs_no_change BEFORE UPDATE OR DELETE ON hand_overs FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER hand_overs_no_truncate BEFORE TRUNCATE ON hand_overs FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
