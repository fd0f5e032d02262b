-- A dossier says which others were marked as duplicates of it.
CREATE INDEX dossiers_duplicate_of ON dossiers (duplicate_of) WHERE duplicate_of IS NOT NULL;
