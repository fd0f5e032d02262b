-- The annual plan of delegations of each organisation, and which dossier stands to which item of it. A dossier's row
-- here is projected from its content.
CREATE TABLE plan_items (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  year INTEGER NOT NULL,
  no INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  title TEXT NOT NULL,
  partner TEXT NOT NULL,
  country TEXT,
  months TEXT NOT NULL,
  guests INTEGER,
  cost TEXT,
  currency TEXT,
  note TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'dropped')),
  drop_reason TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_by TEXT REFERENCES accounts (id),
  created_at TIMESTAMP NOT NULL,
  UNIQUE (organisation_id, year, no),
  CHECK ((cost IS NULL) = (currency IS NULL))
);
CREATE TABLE dossier_plan_items (
  dossier_id TEXT PRIMARY KEY REFERENCES dossiers (id),
  item_id TEXT NOT NULL REFERENCES plan_items (id)
);
CREATE INDEX dossier_plan_items_by_item ON dossier_plan_items (item_id);
