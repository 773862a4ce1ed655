"""What is kept: the SQLModel tables and the input models that validate."""
