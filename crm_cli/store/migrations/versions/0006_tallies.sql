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
INSERT INTO deal_tally
  SELECT stage_id, coalesce(furthest_stage_id, 0), coalesce(currency, ''), coalesce(probability, -1), count(*),
    sum(coalesce(amount, 0) / 1000000), sum(coalesce(amount, 0) % 1000000)
  FROM deal WHERE removed_at IS NULL GROUP BY 1, 2, 3, 4;
INSERT INTO stay_tally
  SELECT x.from_stage_id, x.days_spent, count(*) FROM stage_change x JOIN deal d ON d.id = x.deal_id
  WHERE d.removed_at IS NULL AND x.from_stage_id IS NOT NULL AND x.days_spent IS NOT NULL GROUP BY 1, 2;
