"""What is asked: plain functions of a reader, answered by SQL."""
