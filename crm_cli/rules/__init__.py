"""What is true without a database: pure functions of dates, money, text and names."""
