-- Words of titles and names, folded: a search looks for how they begin. What `store/words.rs` keeps from now on is begun here
-- for what is there already.
CREATE TABLE search_words (
  subject TEXT NOT NULL CHECK (subject IN ('dossier', 'person', 'partner')),
  subject_id TEXT NOT NULL,
  word TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (subject_id, word)
);
CREATE INDEX search_words_by_word ON search_words (subject, word, subject_id);
CREATE INDEX dossiers_by_partner ON dossiers (partner_id, id);
-- In the order of a calendar, with the last day at hand: one index in place of two. Titles are found by their words.
DROP INDEX dossiers_by_start;
DROP INDEX dossiers_by_days;
DROP INDEX dossiers_by_title;
CREATE INDEX dossiers_by_days ON dossiers (starts_on, id, ends_on);

INSERT INTO search_words (subject, subject_id, word)
WITH texts AS (
  SELECT 'dossier' AS subject, id, title_folded AS text FROM dossiers
  UNION ALL SELECT 'person', id, name_folded FROM people
  UNION ALL SELECT 'partner', id, name_folded FROM partners
), broken AS (
  SELECT subject, id, translate(text, '()[]"“”‘’«»,.;:!?&/–—', repeat(' ', 21)) AS text FROM texts
), cut AS (
  SELECT subject, id, left(trim(BOTH '-' FROM word), 40) AS word
  FROM broken, regexp_split_to_table(text || ' ' || replace(text, '-', ' '), ' ') AS word
)
SELECT DISTINCT subject, id, word FROM cut WHERE word <> '';
