DROP TABLE witness_mails;
DROP TABLE checkpoints;
DROP TABLE journal_nodes;
DROP INDEX journal_by_time;
DROP INDEX journal_by_action;
