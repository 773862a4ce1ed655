"""What changes: plain functions of a session and named arguments, returning what they made."""
