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
CREATE INDEX score_tier ON score (tier) WHERE tier IS NOT NULL;
CREATE INDEX score_lifecycle ON score (lifecycle) WHERE lifecycle IS NOT NULL;
CREATE INDEX score_class ON score (rfm_class) WHERE rfm_class IS NOT NULL;
CREATE INDEX score_risk ON score (risk) WHERE risk IS NOT NULL;

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

-- A deal that was closed keeps its amount in the base currency by the rate of that day; `slips` counts how often its
-- expected close was put off. A lifecycle set by hand stands on the customer, with the day.
ALTER TABLE deal ADD COLUMN base_amount INTEGER;
ALTER TABLE deal ADD COLUMN base_currency TEXT;
ALTER TABLE deal ADD COLUMN rate_on TEXT;
ALTER TABLE deal ADD COLUMN slips INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN lifecycle TEXT;
ALTER TABLE customer ADD COLUMN lifecycle_set_on TEXT;
