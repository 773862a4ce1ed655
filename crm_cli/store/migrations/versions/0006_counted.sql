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
CREATE TABLE search_sheet (
  id INTEGER PRIMARY KEY,
  words TEXT NOT NULL
) STRICT;
INSERT INTO search_sheet (words)
  SELECT char(10) || group_concat(word, char(10)) || char(10) FROM search_word GROUP BY substr(word, 1, 2);
