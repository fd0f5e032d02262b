-- How a secretary prepared the leaders' inbox of an organisation: in which order a dossier shall be read, and a note.
CREATE TABLE inbox_notes (
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  revision INTEGER NOT NULL,
  place INTEGER,
  note TEXT NOT NULL,
  written_by TEXT NOT NULL REFERENCES accounts (id),
  written_at TIMESTAMP NOT NULL,
  PRIMARY KEY (organisation_id, dossier_id)
);
CREATE INDEX inbox_notes_dossier ON inbox_notes (dossier_id);
