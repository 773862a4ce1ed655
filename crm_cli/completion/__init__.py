"""What TAB offers: a path of its own that knows the commands from a table and loads neither Typer nor SQLModel."""
