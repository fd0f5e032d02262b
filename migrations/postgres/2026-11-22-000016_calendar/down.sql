DROP INDEX steps_by_due;
DROP INDEX dossiers_by_title;
DROP INDEX dossiers_by_change;
DROP INDEX dossiers_by_end;
DROP INDEX dossiers_by_days;
DROP TABLE saved_filters;
DROP TABLE calendar_feeds;
