"""Foreign files: reading and writing what other programs make."""
