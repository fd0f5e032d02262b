-- What somebody typed into a form that could not be saved yet, sealed, until it is saved or thrown away.
CREATE TABLE kept_forms (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  form TEXT NOT NULL,
  sealed BLOB NOT NULL,
  kept_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, form)
);
