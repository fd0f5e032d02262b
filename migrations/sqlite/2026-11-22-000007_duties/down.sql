DROP INDEX overrides_by_role;
ALTER TABLE issued_papers DROP COLUMN mandate_id;
ALTER TABLE issued_papers DROP COLUMN acting_for;
