"""crm: customers, deals, follow-ups and the funnel on one command line over one SQLite file."""

__version__ = "0.1.0"
