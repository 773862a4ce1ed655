"""How it speaks: the only room that writes to the terminal."""
