-- Times are milliseconds since 1970. Bodies are JSON.

-- A conversation outlives its sessions: its version rises with every commit for ever, so that a
-- writer who slept through an expiry still conflicts.
CREATE TABLE conversation (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL DEFAULT 0,
  sequence INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Where a conversation takes place; several addresses may lead to one.
CREATE TABLE address (
  channel TEXT NOT NULL,
  place TEXT NOT NULL,
  conversation TEXT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (channel, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  conversation TEXT NOT NULL PRIMARY KEY REFERENCES conversation (id),
  body TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX session_expiry ON session (expires_at);

-- An answered inbound keeps its key and loses its body.
CREATE TABLE inbox (
  key TEXT NOT NULL PRIMARY KEY,
  conversation TEXT NOT NULL REFERENCES conversation (id),
  sequence INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  body TEXT
) STRICT;

CREATE INDEX inbox_unanswered ON inbox (conversation, sequence) WHERE body IS NOT NULL;
CREATE INDEX inbox_answered ON inbox (accepted_at) WHERE body IS NULL;

-- The body lacks what changes on its own: state and what is shown.
CREATE TABLE outbox (
  conversation TEXT NOT NULL REFERENCES conversation (id),
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'ready', 'delivered', 'undeliverable')),
  body TEXT NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (conversation, id)
) STRICT;

CREATE INDEX outbox_pending ON outbox (conversation, sequence) WHERE ended_at IS NULL;
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE ended_at IS NOT NULL;

-- Which platform message shows which part of an entry.
CREATE TABLE shown (
  conversation TEXT NOT NULL,
  entry TEXT NOT NULL,
  part INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (conversation, entry, part),
  FOREIGN KEY (conversation, entry) REFERENCES outbox (conversation, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Numbers are never used twice, so that a projection can say how far it has come.
CREATE TABLE ledger (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation TEXT NOT NULL REFERENCES conversation (id),
  body TEXT NOT NULL
) STRICT;

CREATE INDEX ledger_conversation ON ledger (conversation, number);
