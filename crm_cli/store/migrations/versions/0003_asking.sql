-- Since when a record is in a segment, and until when it was; and how many there were on a day that it was looked at.
CREATE TABLE segment_membership (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  segment_id INTEGER NOT NULL REFERENCES segment (id),
  record_id INTEGER NOT NULL,
  entered_on TEXT NOT NULL,
  left_on TEXT
) STRICT;
CREATE UNIQUE INDEX segment_membership_open ON segment_membership (segment_id, record_id) WHERE left_on IS NULL;
CREATE INDEX segment_membership_left ON segment_membership (segment_id, left_on) WHERE left_on IS NOT NULL;
CREATE TABLE segment_count (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  segment_id INTEGER NOT NULL REFERENCES segment (id),
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
