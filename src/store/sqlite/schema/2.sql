-- Timers, dead letters and bookmarks; and conversations as whole records.

-- How many turns of an unanswered inbound failed. A buried one keeps its body, so that its key is
-- not forgotten, and does not wait.
ALTER TABLE inbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN buried_at INTEGER;
ALTER TABLE inbox ADD COLUMN reason TEXT;

DROP INDEX inbox_unanswered;
CREATE INDEX inbox_waiting ON inbox (conversation, sequence)
  WHERE body IS NOT NULL AND buried_at IS NULL;
CREATE INDEX inbox_buried ON inbox (buried_at, conversation, sequence)
  WHERE buried_at IS NOT NULL;

-- Exporting or erasing one conversation must not read all of them.
CREATE INDEX inbox_conversation ON inbox (conversation);
CREATE INDEX address_conversation ON address (conversation);

CREATE TABLE timer (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  id TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (conversation, id)
) STRICT;

CREATE INDEX timer_due ON timer (due_at, conversation);

-- How far a channel has read, by the name that it gave its note.
CREATE TABLE bookmark (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
