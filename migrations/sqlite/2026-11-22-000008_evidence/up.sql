-- Proofs and checkpoints of the journal. Hashes of the complete subtrees of 256, 65,536 .. leaves, so that a proof needs
-- no scan: what is missing (entries that were there before) is worked out from below.
CREATE TABLE journal_nodes (
  height INTEGER NOT NULL,
  no BIGINT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (height, no)
);
-- Signed tree heads, as C2SP notes.
CREATE TABLE checkpoints (
  size BIGINT PRIMARY KEY,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  made_at TIMESTAMP NOT NULL
);
-- Checkpoints on their way to the witness, whose address is a setting and not stored. One an occasion.
CREATE TABLE witness_mails (
  occasion TEXT PRIMARY KEY,
  size BIGINT NOT NULL REFERENCES checkpoints (size),
  message_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'unknown', 'sent', 'dead', 'held')),
  attempts INTEGER NOT NULL,
  due_at TIMESTAMP NOT NULL,
  lease_owner TEXT,
  lease_until TIMESTAMP,
  last_error TEXT,
  created_at TIMESTAMP NOT NULL,
  sent_at TIMESTAMP
);
CREATE INDEX witness_mails_due ON witness_mails (state, due_at);
CREATE INDEX journal_by_action ON journal (action, seq);
CREATE INDEX journal_by_time ON journal (at, seq);

CREATE TRIGGER journal_nodes_no_update BEFORE UPDATE ON journal_nodes BEGIN SELECT RAISE(ABORT, 'append-only: journal_nodes'); END;
CREATE TRIGGER journal_nodes_no_delete BEFORE DELETE ON journal_nodes BEGIN SELECT RAISE(ABORT, 'append-only: journal_nodes'); END;
CREATE TRIGGER journal_nodes_no_replace BEFORE INSERT ON journal_nodes
WHEN EXISTS (SELECT 1 FROM journal_nodes n WHERE n.height = NEW.height AND n.no = NEW.no)
BEGIN SELECT RAISE(ABORT, 'append-only: journal_nodes'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
CREATE TRIGGER checkpoints_no_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints c WHERE c.size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'append-only: checkpoints'); END;
