DROP INDEX dossiers_duplicate_of;
