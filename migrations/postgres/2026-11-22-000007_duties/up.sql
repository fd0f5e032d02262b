-- In whose place a paper was signed (TUQ.): the giver as printed, and the mandate that was in force on its date.
ALTER TABLE issued_papers ADD COLUMN acting_for TEXT;
ALTER TABLE issued_papers ADD COLUMN mandate_id TEXT REFERENCES mandates (id);
-- What waits for an answer, by who may give it.
CREATE INDEX overrides_by_role ON overrides (role, id);
