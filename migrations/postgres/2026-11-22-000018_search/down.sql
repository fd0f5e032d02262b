DROP INDEX dossiers_by_days;
CREATE INDEX dossiers_by_title ON dossiers (title_folded, id);
CREATE INDEX dossiers_by_days ON dossiers (starts_on, ends_on, id);
CREATE INDEX dossiers_by_start ON dossiers (starts_on, id);
DROP INDEX dossiers_by_partner;
DROP TABLE search_words;
