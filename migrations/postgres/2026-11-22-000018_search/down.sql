DROP TABLE search_words;
DROP INDEX dossiers_by_partner;
