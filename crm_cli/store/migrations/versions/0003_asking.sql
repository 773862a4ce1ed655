-- Since when a record is in a segment, and until when it was; and how many there were on a day that it was looked at.
-- Bookkeeping: it hinders no undo of the segment, so it points at nothing.
CREATE TABLE segment_membership (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  segment_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  entered_on TEXT NOT NULL,
  left_on TEXT
) STRICT;
CREATE UNIQUE INDEX segment_membership_open ON segment_membership (segment_id, record_id) WHERE left_on IS NULL;
CREATE INDEX segment_membership_left ON segment_membership (segment_id, left_on) WHERE left_on IS NOT NULL;
CREATE TABLE segment_count (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  segment_id INTEGER NOT NULL,
  counted_on TEXT NOT NULL,
  members INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX segment_count_day ON segment_count (segment_id, counted_on);

-- A list with a name: a query over the records of one noun, its columns, its order and what it is grouped by.
CREATE TABLE view (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  noun TEXT NOT NULL,
  query TEXT NOT NULL,
  columns TEXT,
  sort TEXT,
  group_by TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX view_name ON view (name_key) WHERE removed_at IS NULL;

-- Two records of a noun that look alike and are not the same.
CREATE TABLE not_duplicate (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  noun TEXT NOT NULL CHECK (noun IN ('customer', 'contact')),
  low_id INTEGER NOT NULL,
  high_id INTEGER NOT NULL CHECK (high_id > low_id),
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX not_duplicate_pair ON not_duplicate (noun, low_id, high_id);

-- Which records were merged into which: an import that knows the dropped one by its external id or uuid finds the kept
-- one here, and so does a reference to its id. It goes with the kept record, as its ways to be reached do.
CREATE TABLE merged (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  contact_id INTEGER REFERENCES contact (id),
  dropped_id INTEGER NOT NULL,
  dropped_uuid TEXT NOT NULL,
  name TEXT NOT NULL,
  external_source TEXT,
  external_id TEXT,
  created_at TEXT NOT NULL,
  CHECK ((customer_id IS NULL) <> (contact_id IS NULL))
) STRICT;
CREATE INDEX merged_customer ON merged (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX merged_contact ON merged (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX merged_dropped ON merged (dropped_id);
CREATE INDEX merged_uuid ON merged (dropped_uuid);
CREATE INDEX merged_external ON merged (external_id, external_source) WHERE external_id IS NOT NULL;

-- What the full-text index (store/fulltext.py) does not have yet: in each place the rows above the mark, and rows that
-- changed since, with the text that it has of them. The index itself is made when there is something to put into it.
CREATE TABLE search_mark (
  place INTEGER PRIMARY KEY,
  last_id INTEGER NOT NULL
) STRICT;
CREATE TABLE search_pending (
  doc INTEGER PRIMARY KEY,
  before TEXT
) STRICT;
-- Every word that a text of the index has: where a word stands within words.
CREATE TABLE search_word (
  word TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
