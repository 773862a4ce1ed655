"""What a sound database is: named invariants of the trade, and the rows that break them."""
