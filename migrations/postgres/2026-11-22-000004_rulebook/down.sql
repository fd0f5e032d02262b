ALTER TABLE revisions DROP COLUMN rulebook_version;
DROP TABLE submission_findings;
DROP TABLE override_answers;
DROP TABLE overrides;
DROP TABLE rulebook_activations;
DROP TABLE rulebook_versions;
DROP FUNCTION legation_override_four_eyes();
