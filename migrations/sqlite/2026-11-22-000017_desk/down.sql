DROP TABLE inbox_notes;
