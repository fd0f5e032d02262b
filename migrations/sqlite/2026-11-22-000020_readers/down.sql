CREATE TABLE parties_now (
  dossier_id TEXT NOT NULL REFERENCES dossiers (id),
  party_id TEXT NOT NULL,
  party_kind TEXT NOT NULL CHECK (party_kind IN ('organisation', 'account')),
  capacity TEXT NOT NULL CHECK (capacity IN ('lead_host', 'co_host', 'receives', 'step', 'issues', 'author')),
  PRIMARY KEY (dossier_id, party_id, capacity)
);
INSERT INTO parties_now SELECT * FROM dossier_parties WHERE capacity <> 'reader';
DROP TABLE dossier_parties;
ALTER TABLE parties_now RENAME TO dossier_parties;
CREATE INDEX dossier_parties_by_party ON dossier_parties (party_id, dossier_id);
