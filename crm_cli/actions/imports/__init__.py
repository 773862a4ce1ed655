"""Import: staged and checked in a private database, matched by joins, written in one transaction."""
