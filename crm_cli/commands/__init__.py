"""What can be typed: five to fifteen lines a command; no SQL, no rule of the trade."""
