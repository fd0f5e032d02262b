-- Returns that the program prepared when their period was over: once per period, whichever process came first.
CREATE TABLE prepared_returns (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL CHECK (kind IN ('monthly', 'quarterly', 'half', 'nine', 'yearly')),
  label TEXT NOT NULL,
  days TEXT NOT NULL CHECK (days IN ('calendar', '15-14')),
  as_of DATE NOT NULL,
  due_on DATE NOT NULL,
  rulebook_version INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  prepared_at TIMESTAMP NOT NULL,
  UNIQUE (organisation_id, kind, label, days)
);
-- Long exports: asked for, made by whichever process takes them up, kept sealed in the depot for a while.
CREATE TABLE exports (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  asked TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'removed')),
  attempts INTEGER NOT NULL,
  rows_done BIGINT NOT NULL,
  rows_total BIGINT,
  failure TEXT,
  lease_owner TEXT,
  lease_until TIMESTAMP,
  name TEXT,
  bytes BIGINT,
  sha256 TEXT,
  object TEXT,
  wrapped_key BYTEA,
  scope_sha256 TEXT,
  created_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP
);
CREATE INDEX exports_by_state ON exports (state, id);
CREATE INDEX exports_by_account ON exports (account_id, id);
CREATE TRIGGER prepared_returns_no_change BEFORE UPDATE OR DELETE ON prepared_returns FOR EACH ROW EXECUTE FUNCTION legation_refuse();
CREATE TRIGGER prepared_returns_no_truncate BEFORE TRUNCATE ON prepared_returns FOR EACH STATEMENT EXECUTE FUNCTION legation_refuse();
