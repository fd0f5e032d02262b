-- Words of titles and names, folded: a search looks for how they begin. What `store/words.rs` keeps from now on is begun here
-- for what is there already.
CREATE TABLE search_words (
  subject TEXT NOT NULL CHECK (subject IN ('dossier', 'person', 'partner')),
  subject_id TEXT NOT NULL,
  word TEXT NOT NULL,
  PRIMARY KEY (subject_id, word)
);
CREATE INDEX search_words_by_word ON search_words (subject, word, subject_id);
CREATE INDEX dossiers_by_partner ON dossiers (partner_id, id);
-- In the order of a calendar, with the last day at hand: one index in place of two. Titles are found by their words.
DROP INDEX dossiers_by_start;
DROP INDEX dossiers_by_days;
DROP INDEX dossiers_by_title;
CREATE INDEX dossiers_by_days ON dossiers (starts_on, id, ends_on);

INSERT OR IGNORE INTO search_words (subject, subject_id, word)
WITH RECURSIVE texts AS (
  SELECT 'dossier' AS subject, id, title_folded AS text FROM dossiers
  UNION ALL SELECT 'person', id, name_folded FROM people
  UNION ALL SELECT 'partner', id, name_folded FROM partners
), broken AS (
  SELECT subject, id,
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(text, '(', ' '), ')', ' '), '[', ' '), ']', ' '), '"', ' '), '“', ' '), '”', ' '), '‘', ' '), '’', ' '), '«', ' '), '»', ' '), ',', ' '), '.', ' '), ';', ' '), ':', ' '), '!', ' '), '?', ' '), '&', ' '), '/', ' '), '–', ' '), '—', ' ') AS text
  FROM texts
), cut (subject, id, word, rest) AS (
  SELECT subject, id, '', text || ' ' || replace(text, '-', ' ') || ' ' FROM broken
  UNION ALL SELECT subject, id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
    FROM cut WHERE rest <> ''
)
SELECT subject, id, substr(trim(word, '-'), 1, 40) FROM cut WHERE trim(word, '-') <> '';
