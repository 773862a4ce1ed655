-- What a new database looks like. Hand-written: STRICT, ids never reused, moments TEXT in UTC of fixed width,
-- days TEXT ISO, money integer minor units beside its currency, folded *_key columns written with the row.
-- A change here comes with a migration that leads an older file to the same text (tests/test_migrations.py).

CREATE TABLE member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  email TEXT,
  email_key TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX member_name ON member (name_key) WHERE removed_at IS NULL;

CREATE TABLE pipeline (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX pipeline_name ON pipeline (name_key) WHERE removed_at IS NULL;

CREATE TABLE stage (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  pipeline_id INTEGER NOT NULL REFERENCES pipeline (id),
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('open', 'won', 'lost')),
  probability INTEGER CHECK (probability BETWEEN 0 AND 100),
  position INTEGER NOT NULL,
  quiet_after_days INTEGER CHECK (quiet_after_days > 0),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX stage_name ON stage (pipeline_id, name_key) WHERE removed_at IS NULL;

CREATE TABLE customer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('company', 'person')),
  status TEXT NOT NULL CHECK (status IN ('new', 'contacted', 'qualified', 'unqualified', 'customer', 'closed')),
  parent_id INTEGER REFERENCES customer (id),
  referred_by_id INTEGER REFERENCES customer (id),
  owner_id INTEGER REFERENCES member (id),
  industry TEXT,
  size INTEGER CHECK (size >= 0),
  region TEXT,
  country TEXT,
  city TEXT,
  address TEXT,
  source TEXT,
  language TEXT,
  prefers TEXT,
  birthday TEXT,
  cadence_days INTEGER CHECK (cadence_days > 0),
  note TEXT,
  last_contact_on TEXT,
  cadence_due_on TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT
, lifecycle TEXT, lifecycle_set_on TEXT) STRICT;
CREATE INDEX customer_name ON customer (name_key) WHERE removed_at IS NULL;
CREATE INDEX customer_external ON customer (external_id, external_source) WHERE external_id IS NOT NULL;
CREATE INDEX customer_cadence ON customer (cadence_due_on) WHERE cadence_due_on IS NOT NULL AND removed_at IS NULL;
CREATE INDEX customer_birthday ON customer (substr(birthday, 6)) WHERE birthday IS NOT NULL AND removed_at IS NULL;
CREATE INDEX customer_parent ON customer (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX customer_referred_by ON customer (referred_by_id) WHERE referred_by_id IS NOT NULL;
CREATE INDEX customer_owner ON customer (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE contact (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  title TEXT,
  role TEXT,
  prefers TEXT,
  birthday TEXT,
  note TEXT,
  last_contact_on TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT
) STRICT;
CREATE INDEX contact_name ON contact (name_key) WHERE removed_at IS NULL;
CREATE INDEX contact_customer ON contact (customer_id);
CREATE INDEX contact_external ON contact (external_id, external_source) WHERE external_id IS NOT NULL;
CREATE INDEX contact_birthday ON contact (substr(birthday, 6)) WHERE birthday IS NOT NULL AND removed_at IS NULL;

-- One row a way to reach somebody: as typed, normalised for look-ups, with its label.
CREATE TABLE reach (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  contact_id INTEGER REFERENCES contact (id),
  kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'website', 'messenger')),
  value TEXT NOT NULL CHECK (value <> ''),
  value_key TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  position INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK ((customer_id IS NULL) <> (contact_id IS NULL))
) STRICT;
CREATE INDEX reach_value ON reach (value_key, kind);
CREATE INDEX reach_customer ON reach (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX reach_contact ON reach (contact_id) WHERE contact_id IS NOT NULL;

-- last_touch_on, furthest_stage_id and stage_since_on repeat what interactions, tasks and stage changes say: the
-- action that writes those keeps them, so that no daily read has to look a million rows up.
CREATE TABLE deal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  title TEXT NOT NULL CHECK (title <> ''),
  title_key TEXT NOT NULL,
  stage_id INTEGER NOT NULL REFERENCES stage (id),
  furthest_stage_id INTEGER REFERENCES stage (id),
  stage_since_on TEXT NOT NULL,
  amount INTEGER CHECK (amount BETWEEN 0 AND 9000000000000000),
  currency TEXT,
  probability INTEGER CHECK (probability BETWEEN 0 AND 100),
  expected_close_on TEXT,
  opened_on TEXT NOT NULL,
  closed_on TEXT,
  source TEXT,
  risk TEXT,
  lost_reason TEXT,
  owner_id INTEGER REFERENCES member (id),
  last_touch_on TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT, base_amount INTEGER, base_currency TEXT, rate_on TEXT, slips INTEGER NOT NULL DEFAULT 0,
  CHECK (amount IS NULL OR currency IS NOT NULL)
) STRICT;
CREATE INDEX deal_customer ON deal (customer_id, stage_id);
CREATE INDEX deal_title ON deal (title_key) WHERE removed_at IS NULL;
CREATE INDEX deal_touch ON deal (stage_id, last_touch_on) WHERE removed_at IS NULL;
CREATE INDEX deal_close ON deal (stage_id, expected_close_on) WHERE removed_at IS NULL;
CREATE INDEX deal_closed ON deal (closed_on) WHERE closed_on IS NOT NULL AND removed_at IS NULL;
CREATE INDEX deal_funnel ON deal (stage_id, furthest_stage_id, currency, probability, amount) WHERE removed_at IS NULL;
CREATE INDEX deal_external ON deal (external_id, external_source) WHERE external_id IS NOT NULL;
CREATE INDEX deal_owner ON deal (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX deal_removed ON deal (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE deal_contact (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  deal_id INTEGER NOT NULL REFERENCES deal (id),
  contact_id INTEGER NOT NULL REFERENCES contact (id),
  role TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX deal_contact_pair ON deal_contact (deal_id, contact_id);
CREATE INDEX deal_contact_contact ON deal_contact (contact_id);

CREATE TABLE stage_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  deal_id INTEGER NOT NULL REFERENCES deal (id),
  from_stage_id INTEGER REFERENCES stage (id),
  to_stage_id INTEGER NOT NULL REFERENCES stage (id),
  changed_on TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT,
  note TEXT,
  days_spent INTEGER CHECK (days_spent >= 0)
) STRICT;
CREATE INDEX stage_change_deal ON stage_change (deal_id, from_stage_id, days_spent);
CREATE INDEX stage_change_days ON stage_change (from_stage_id, days_spent) WHERE from_stage_id IS NOT NULL;

CREATE TABLE interaction (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  deal_id INTEGER REFERENCES deal (id),
  channel TEXT NOT NULL CHECK (channel <> ''),
  direction TEXT CHECK (direction IN ('in', 'out')),
  at TEXT NOT NULL,
  text TEXT,
  outcome TEXT,
  duration_minutes INTEGER CHECK (duration_minutes >= 0),
  owner_id INTEGER REFERENCES member (id),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT
) STRICT;
CREATE INDEX interaction_at ON interaction (at) WHERE removed_at IS NULL;
CREATE INDEX interaction_customer ON interaction (customer_id, at) WHERE customer_id IS NOT NULL;
CREATE INDEX interaction_deal ON interaction (deal_id, at) WHERE deal_id IS NOT NULL;
CREATE INDEX interaction_external ON interaction (external_id, external_source) WHERE external_id IS NOT NULL;

CREATE TABLE interaction_contact (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  interaction_id INTEGER NOT NULL REFERENCES interaction (id),
  contact_id INTEGER NOT NULL REFERENCES contact (id),
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX interaction_contact_pair ON interaction_contact (interaction_id, contact_id);
CREATE INDEX interaction_contact_contact ON interaction_contact (contact_id);

CREATE TABLE task (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  deal_id INTEGER REFERENCES deal (id),
  text TEXT NOT NULL CHECK (text <> ''),
  text_key TEXT NOT NULL,
  due_on TEXT,
  due_at TEXT,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high')),
  every TEXT,
  anchor_on TEXT,
  done_at TEXT,
  owner_id INTEGER REFERENCES member (id),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT
) STRICT;
CREATE INDEX task_due ON task (due_on) WHERE done_at IS NULL AND removed_at IS NULL;
CREATE INDEX task_customer ON task (customer_id, due_on) WHERE customer_id IS NOT NULL;
CREATE INDEX task_deal ON task (deal_id, due_on) WHERE deal_id IS NOT NULL;
CREATE INDEX task_text ON task (text_key) WHERE removed_at IS NULL;
CREATE INDEX task_external ON task (external_id, external_source) WHERE external_id IS NOT NULL;

CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tag_name ON tag (name_key);

CREATE TABLE tagging (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag (id),
  customer_id INTEGER REFERENCES customer (id),
  contact_id INTEGER REFERENCES contact (id),
  deal_id INTEGER REFERENCES deal (id),
  created_at TEXT NOT NULL,
  CHECK ((customer_id IS NOT NULL) + (contact_id IS NOT NULL) + (deal_id IS NOT NULL) = 1)
) STRICT;
CREATE UNIQUE INDEX tagging_customer ON tagging (customer_id, tag_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX tagging_contact ON tagging (contact_id, tag_id) WHERE contact_id IS NOT NULL;
CREATE UNIQUE INDEX tagging_deal ON tagging (deal_id, tag_id) WHERE deal_id IS NOT NULL;
CREATE INDEX tagging_tag ON tagging (tag_id);

CREATE TABLE segment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  noun TEXT NOT NULL,
  query TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX segment_name ON segment (name_key) WHERE removed_at IS NULL;

-- A mapping of headers to fields that an import kept under a name.
CREATE TABLE import_mapping (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  options TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX import_mapping_name ON import_mapping (name_key);

-- What a reminder run has already told, so that each item is told once per run name.
CREATE TABLE reminder_claim (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  item TEXT NOT NULL,
  due_on TEXT NOT NULL,
  claimed_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX reminder_claim_item ON reminder_claim (name, item, due_on);

-- A quiet deal or a run-out cadence that stays away until a day, or until something is logged.
CREATE TABLE snooze (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  customer_id INTEGER REFERENCES customer (id),
  deal_id INTEGER REFERENCES deal (id),
  until_on TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK ((customer_id IS NULL) <> (deal_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX snooze_customer ON snooze (customer_id) WHERE customer_id IS NOT NULL;
CREATE UNIQUE INDEX snooze_deal ON snooze (deal_id) WHERE deal_id IS NOT NULL;

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
-- Every word that a text of the index has; and the same words beside each other, a line each, to see at a glance in
-- which of them some letters stand.
CREATE TABLE search_word (
  word TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE search_sheet (
  id INTEGER PRIMARY KEY,
  words TEXT NOT NULL
) STRICT;

-- What the funnel shows of all deals (store/tallies.py): how many stand where with what amount, in millions of minor
-- units and the rest; 0, '' and -1 stand for no furthest stage, no currency, no probability. How often deals left a
-- stage after so many days.
CREATE TABLE deal_tally (
  stage_id INTEGER NOT NULL,
  furthest_stage_id INTEGER NOT NULL,
  currency TEXT NOT NULL,
  probability INTEGER NOT NULL,
  deals INTEGER NOT NULL,
  millions INTEGER NOT NULL,
  rest INTEGER NOT NULL,
  PRIMARY KEY (stage_id, furthest_stage_id, currency, probability)
) STRICT, WITHOUT ROWID;
CREATE TABLE stay_tally (
  stage_id INTEGER NOT NULL,
  days INTEGER NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (stage_id, days)
) STRICT, WITHOUT ROWID;

-- What is sold. `audience` says whom it is for; a price in each currency stands in product_price.
CREATE TABLE product (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  code TEXT NOT NULL CHECK (code <> ''),
  code_key TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('product', 'service')),
  category TEXT,
  unit TEXT,
  cost INTEGER CHECK (cost BETWEEN 0 AND 9000000000000000),
  cost_currency TEXT,
  audience TEXT,
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  note TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT,
  CHECK (cost IS NULL OR cost_currency IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX product_code ON product (code_key) WHERE removed_at IS NULL;
CREATE INDEX product_name ON product (name_key) WHERE removed_at IS NULL;
CREATE INDEX product_external ON product (external_id, external_source) WHERE external_id IS NOT NULL;

CREATE TABLE product_price (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  product_id INTEGER NOT NULL REFERENCES product (id),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 9000000000000000),
  currency TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX product_price_currency ON product_price (product_id, currency);

-- What goes with a product: `quantity` in thousandths, `months` for a service that runs on.
CREATE TABLE product_link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  product_id INTEGER NOT NULL REFERENCES product (id),
  other_id INTEGER NOT NULL REFERENCES product (id),
  kind TEXT NOT NULL CHECK (kind IN ('requires', 'recommended', 'included', 'replaces')),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  months INTEGER CHECK (months > 0),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (product_id <> other_id)
) STRICT;
CREATE UNIQUE INDEX product_link_pair ON product_link (product_id, other_id, kind);
CREATE INDEX product_link_other ON product_link (other_id);

-- What a customer bought, and when; what came back is below zero. `rest` is what rounding left off the amount, in
-- millionths of a minor unit, so that a sum of many is exact. base_amount is the amount in the base currency by the
-- rate of rate_on, kept so that no later rate moves it; NULL where it is in the base currency or had no rate yet.
CREATE TABLE sales_order (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  number TEXT,
  number_key TEXT,
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  deal_id INTEGER REFERENCES deal (id),
  ordered_on TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount BETWEEN -9000000000000000 AND 9000000000000000),
  currency TEXT NOT NULL,
  rest INTEGER NOT NULL,
  cost INTEGER CHECK (cost BETWEEN -9000000000000000 AND 9000000000000000),
  base_amount INTEGER,
  base_cost INTEGER,
  base_currency TEXT,
  rate_on TEXT,
  owner_id INTEGER REFERENCES member (id),
  note TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT,
  external_source TEXT,
  external_id TEXT,
  custom TEXT
) STRICT;
CREATE INDEX sales_order_customer ON sales_order (customer_id, ordered_on);
CREATE INDEX sales_order_day ON sales_order (ordered_on);
CREATE INDEX sales_order_currency ON sales_order (currency);
CREATE INDEX sales_order_number ON sales_order (number_key) WHERE number_key IS NOT NULL;
CREATE INDEX sales_order_deal ON sales_order (deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX sales_order_external ON sales_order (external_id, external_source) WHERE external_id IS NOT NULL;

-- quantity in thousandths, price of a unit as an exact decimal in units of the order's currency, discount in hundredths
-- of a percent. `amount` is what the line comes to, in minor units, and stands alone where no price is known.
CREATE TABLE order_line (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  order_id INTEGER NOT NULL REFERENCES sales_order (id),
  product_id INTEGER REFERENCES product (id),
  text TEXT,
  quantity INTEGER NOT NULL CHECK (quantity <> 0),
  price TEXT,
  discount INTEGER NOT NULL CHECK (discount BETWEEN 0 AND 10000),
  amount INTEGER NOT NULL,
  cost INTEGER,
  position INTEGER NOT NULL,
  external_id TEXT,
  CHECK (product_id IS NOT NULL OR text IS NOT NULL)
) STRICT;
CREATE INDEX order_line_order ON order_line (order_id);
CREATE INDEX order_line_product ON order_line (product_id) WHERE product_id IS NOT NULL;

CREATE TABLE deal_line (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  deal_id INTEGER NOT NULL REFERENCES deal (id),
  product_id INTEGER REFERENCES product (id),
  text TEXT,
  quantity INTEGER NOT NULL CHECK (quantity <> 0),
  price TEXT,
  discount INTEGER NOT NULL CHECK (discount BETWEEN 0 AND 10000),
  amount INTEGER NOT NULL,
  cost INTEGER,
  position INTEGER NOT NULL,
  external_id TEXT,
  CHECK (product_id IS NOT NULL OR text IS NOT NULL)
) STRICT;
CREATE INDEX deal_line_deal ON deal_line (deal_id);
CREATE INDEX deal_line_product ON deal_line (product_id) WHERE product_id IS NOT NULL;

-- What one unit of a currency was worth in the base currency from a day on: an exact decimal as text.
CREATE TABLE rate (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  currency TEXT NOT NULL,
  base TEXT NOT NULL,
  rate TEXT NOT NULL,
  rate_on TEXT NOT NULL,
  source TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (currency <> base)
) STRICT;
CREATE UNIQUE INDEX rate_day ON rate (currency, base, rate_on);

-- What holds for everyone who uses this database: the base currency, the words of a playbook.
CREATE TABLE setting (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  value TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX setting_name ON setting (name);

-- What a customer is worth to us: the first tier, by position, whose query holds. `query` is of the query language.
CREATE TABLE tier (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  query TEXT NOT NULL,
  cadence_days INTEGER CHECK (cadence_days > 0),
  owner_id INTEGER REFERENCES member (id),
  playbook TEXT,
  asks_risk INTEGER NOT NULL CHECK (asks_risk IN (0, 1)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tier_name ON tier (name_key);

-- Whom we want as a customer: a version a row, the newest one counts; `criteria` holds what is asked and its weights.
CREATE TABLE icp (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  name_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  criteria TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX icp_version ON icp (name_key, version);

-- What the facts say of each customer on a day: bookkeeping, made anew by `crm score` and `crm remind`. Money in minor
-- units of `currency`; risk, alive, fit and priority 0 to 100; expected orders in thousandths; growth in percent.
CREATE TABLE score (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id INTEGER NOT NULL,
  computed_on TEXT NOT NULL,
  currency TEXT,
  orders INTEGER NOT NULL,
  first_order_on TEXT,
  last_order_on TEXT,
  revenue INTEGER,
  margin INTEGER,
  revenue_year INTEGER,
  revenue_before INTEGER,
  growth INTEGER,
  interval_days INTEGER,
  r INTEGER,
  f INTEGER,
  m INTEGER,
  rfm_class TEXT,
  rfm_group TEXT,
  tier TEXT,
  lifecycle TEXT,
  lifecycle_since_on TEXT,
  risk INTEGER,
  alive INTEGER,
  expected_30 INTEGER,
  expected_90 INTEGER,
  expected_365 INTEGER,
  clv INTEGER,
  next_order_on TEXT,
  fit INTEGER,
  priority INTEGER
) STRICT;
CREATE UNIQUE INDEX score_customer ON score (customer_id);
CREATE INDEX score_leaving ON score (revenue DESC, customer_id) WHERE risk >= 50;

CREATE TABLE lifecycle_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id INTEGER NOT NULL,
  from_stage TEXT,
  to_stage TEXT NOT NULL,
  changed_on TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX lifecycle_change_customer ON lifecycle_change (customer_id, changed_on);
CREATE INDEX lifecycle_change_day ON lifecycle_change (changed_on);

-- When scores were made, up to which operation; and the newest fit of the models of purchase, as JSON.
CREATE TABLE score_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  computed_at TEXT NOT NULL,
  computed_on TEXT NOT NULL,
  operation_id INTEGER,
  customers INTEGER NOT NULL
) STRICT;
CREATE TABLE prediction_fit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  fitted_at TEXT NOT NULL,
  as_of_on TEXT NOT NULL,
  result TEXT NOT NULL
) STRICT;
