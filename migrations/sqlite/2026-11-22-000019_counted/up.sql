-- How many entries the journal had when the last one was appended that may change a figure: as long as it stays, whatever
-- was counted is right.
ALTER TABLE journal_head ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
UPDATE journal_head SET counted = count;
