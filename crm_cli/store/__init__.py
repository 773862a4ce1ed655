"""How it is kept: the only room that knows SQLite."""
