DROP INDEX score_tier;
DROP INDEX score_lifecycle;
DROP INDEX score_class;
DROP INDEX score_risk;
CREATE INDEX score_leaving ON score (revenue DESC, customer_id) WHERE risk >= 50;
DROP INDEX stage_change_deal;
CREATE INDEX stage_change_deal ON stage_change (deal_id, from_stage_id, days_spent);
UPDATE journal SET owner_id = json_extract(before, '$.product_id')
  WHERE kind = 'D' AND record IN ('product_price', 'product_link');
UPDATE journal SET owner_id = json_extract(before, '$.order_id') WHERE kind = 'D' AND record = 'order_line';
UPDATE journal SET owner_id = json_extract(before, '$.deal_id') WHERE kind = 'D' AND record = 'deal_line';
