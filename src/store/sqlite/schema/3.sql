-- Versions of the playbook, and what was decided about them. Nothing here is ever changed, so that
-- a conversation of last year can be explained. None of it is about a customer.

-- The scripts of a version, under their content hash.
CREATE TABLE playbook_version (
  id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;

-- A number is given once: of two who decide at the same time, one is told.
CREATE TABLE release (
  number INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) STRICT;
