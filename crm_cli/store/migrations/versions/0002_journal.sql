-- The journal, written by the triggers of triggers.sql. One operation a command; undone_by_id is the undo that took it
-- back, or the redo that took an undo back. `schema` is the schema version it was written under.
CREATE TABLE operation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo')),
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  command TEXT NOT NULL,
  changes INTEGER NOT NULL DEFAULT 0,
  schema INTEGER NOT NULL,
  undone_by_id INTEGER REFERENCES operation (id),
  erased_at TEXT
) STRICT;
CREATE INDEX operation_undone_by ON operation (undone_by_id) WHERE undone_by_id IS NOT NULL;

-- One line a changed row: I inserted (with last_id: all rows up to it, by one bulk operation), U updated, D deleted.
-- No operation and a moment of its own: changed by another program. owner_id: whose way to be reached, tag or person a
-- deleted row was.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  operation_id INTEGER,
  record TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  last_id INTEGER,
  kind TEXT NOT NULL CHECK (kind IN ('I', 'U', 'D')),
  before TEXT,
  owner_id INTEGER,
  at TEXT
) STRICT;
CREATE INDEX journal_row ON journal (record, row_id);
CREATE INDEX journal_operation ON journal (operation_id);
CREATE INDEX journal_many ON journal (record, last_id) WHERE last_id IS NOT NULL;
CREATE INDEX journal_owner ON journal (record, owner_id) WHERE owner_id IS NOT NULL;

-- The operation that is open, and nothing between two commands; and above which id rows are journalled as a whole.
CREATE TABLE journal_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  operation_id INTEGER
) STRICT;
CREATE TABLE journal_mark (
  record TEXT NOT NULL PRIMARY KEY,
  last_id INTEGER NOT NULL
) STRICT;
-- What somebody agreed to be sent, or on what other ground he or she may be, by channel: a row each time it was given or
-- withdrawn. The newest of a channel counts.
CREATE TABLE consent (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  contact_id INTEGER REFERENCES contact (id),
  channel TEXT NOT NULL CHECK (channel <> ''),
  status TEXT NOT NULL CHECK (status IN ('given', 'withdrawn')),
  basis TEXT CHECK (basis IN ('consent', 'contract', 'legal-obligation', 'vital-interests', 'public-task',
    'legitimate-interests')),
  source TEXT,
  decided_on TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CHECK ((customer_id IS NULL) <> (contact_id IS NULL)),
  CHECK (status = 'withdrawn' OR (basis IS NOT NULL AND source <> ''))
) STRICT;
CREATE INDEX consent_customer ON consent (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX consent_contact ON consent (contact_id) WHERE contact_id IS NOT NULL;

-- Whom a privacy erase took away, so that an old import does not bring them back: of each e-mail, phone and name a code
-- that only the key beside it can make again, and that says nothing by itself.
CREATE TABLE tombstone (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'name')),
  mark TEXT NOT NULL,
  erased_on TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tombstone_mark ON tombstone (mark);
CREATE TABLE tombstone_key (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id = 1),
  secret TEXT NOT NULL
) STRICT;
INSERT INTO journal_state (id) VALUES (1);
