-- What a permit obliges somebody to do, until when, and how it was done. Overdue is computed, never stored.
CREATE TABLE obligations (
  id TEXT PRIMARY KEY,
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('police_notice', 'press_licence', 'press_conference', 'sea_border_notice', 'restricted_permit', 'temporary_stay', 'sponsorship_end', 'press_report', 'result_report', 'passport_return', 'cell_report', 'delivery', 'follow_up', 'other')),
  key TEXT NOT NULL,
  title_vi TEXT NOT NULL,
  title_en TEXT NOT NULL,
  role TEXT NOT NULL,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  due_at TIMESTAMP NOT NULL,
  unit TEXT NOT NULL CHECK (unit IN ('wd', 'cd', 'h')),
  proof TEXT NOT NULL CHECK (proof IN ('none', 'number', 'file')),
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
  proof_number TEXT,
  proof_date DATE,
  proof_note TEXT,
  proof_file_id TEXT,
  done_by TEXT REFERENCES accounts (id),
  done_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (dossier_id, rule, key),
  CHECK ((state = 'done') = (done_by IS NOT NULL AND done_at IS NOT NULL))
);
CREATE INDEX obligations_by_place ON obligations (organisation_id, role, state, due_at, id);
CREATE INDEX obligations_by_due ON obligations (state, due_at);

-- One digest an account and local day, also when two processes run.
CREATE TABLE digests (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  day DATE NOT NULL,
  PRIMARY KEY (account_id, day)
);

-- Nơi nhận: to whom an issued paper goes, and how.
CREATE TABLE paper_recipients (
  paper_id TEXT NOT NULL REFERENCES issued_papers (id),
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('document_system', 'post', 'hand', 'email', 'fax')),
  PRIMARY KEY (paper_id, place)
);
