-- Papers of a dossier: uploaded files, whose bytes lie sealed outside of the database under the name `object`, and
-- papers that were handled offline, of which only number and date are known. A row is never deleted; taking the
-- wrapped key away makes its bytes unreadable for ever.
CREATE TABLE files (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  kind TEXT NOT NULL CHECK (kind IN ('request_letter', 'invitation', 'guest_list', 'programme', 'passport_scan', 'permit', 'result_report', 'signed_decision', 'opinion', 'mandate_letter', 'sea_border_form', 'protocol_plan', 'visa_request', 'draft_agreement', 'cost_estimate', 'party_decision', 'press_form', 'ngo_certificate', 'intro_letter', 'other')),
  name TEXT NOT NULL,
  media_type TEXT CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'image/tiff', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.spreadsheet')),
  bytes BIGINT NOT NULL,
  sha256 TEXT,
  object TEXT,
  wrapped_key BYTEA,
  number TEXT,
  dated_on DATE,
  member_id TEXT,
  person_id TEXT REFERENCES people (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  handled_offline BOOLEAN NOT NULL,
  revision INTEGER NOT NULL,
  uploaded_by TEXT NOT NULL REFERENCES accounts (id),
  uploaded_at TIMESTAMP NOT NULL,
  deleted_at TIMESTAMP,
  deleted_by TEXT REFERENCES accounts (id),
  deleted_why TEXT,
  quarantined BOOLEAN NOT NULL,
  CHECK (handled_offline = (sha256 IS NULL)),
  CHECK ((kind = 'passport_scan') = (person_id IS NOT NULL) OR handled_offline)
);
CREATE INDEX files_by_dossier ON files (dossier_id, id);
CREATE INDEX files_by_object ON files (object);
CREATE UNIQUE INDEX files_once ON files (dossier_id, kind, sha256) WHERE deleted_at IS NULL AND sha256 IS NOT NULL;
