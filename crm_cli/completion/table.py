"""The table that generate.py writes, read on TAB: only the rows asked for are taken apart."""

import os

_FOLDER = os.path.dirname(__file__)


class Option:
    """One option: its names, whether it takes a value, whether several times, the kind of value, what it is."""

    def __init__(self, cell: str) -> None:
        names, mark, self.kind, self.text = cell.split("|", 3)
        self.names = names.split(",")
        self.takes = mark != ""
        self.several = mark == "+"


class Table:
    """The commands, options, words and fields in one language."""

    def __init__(self, language: str) -> None:
        with open(os.path.join(_FOLDER, f"words.{language}.tsv"), encoding="utf-8") as file:
            self.text = file.read()
        self._options: dict[str, list[Option]] = {}

    def row(self, head: str) -> list[str]:
        """The cells behind a head; none where there is no such row."""
        start = self.text.find(f"\n{head}\t")
        if start < 0:
            return []
        end = self.text.find("\n", start + 1)
        return self.text[start + 1 : end].split("\t")[1:]

    def noun(self, word: str) -> str:
        """A command's name by its name or plural; "" for none."""
        if not (word.isascii() and word.isalpha()):
            return ""
        if self.row(word):
            return word
        place = self.text.find(f"\t{word}\t")
        head = self.text[self.text.rfind("\n", 0, place) + 1 : place] if place > 0 else ""
        return head if head.isalpha() else ""

    def has_verbs(self, name: str) -> bool:
        return f"\n{name} " in self.text

    def commands(self) -> list[tuple[str, str]]:
        """Nouns and words of the daily work, each with what it is."""
        return [(head, cells[1]) for head, cells in self._rows() if head.isalpha()]

    def verbs(self, noun: str) -> list[tuple[str, str]]:
        """The verbs of a noun, each with what it does."""
        start = f"{noun} "
        return [(head[len(start) :], cells[1]) for head, cells in self._rows() if head.startswith(start)]

    def _rows(self) -> list[tuple[str, list[str]]]:
        found = []
        for line in self.text.split("\n"):
            head, tab, rest = line.partition("\t")
            if tab:
                found.append((head, rest.split("\t", 2)))
        return found

    def arguments(self, command: str) -> list[str]:
        """The kinds of a command's arguments, a place each; the last one repeats where it ends in *."""
        cells = self.row(command)
        return cells[2].split(" ") if len(cells) > 2 else []

    def options(self, command: str) -> list[Option]:
        """The options of a command, its own before those of every command."""
        if command not in self._options:
            own = [Option(cell) for cell in self.row(command)[3:]]
            known = {name for option in own for name in option.names}
            shared = [Option(cell) for cell in self.row("*")[3:]]
            self._options[command] = [*own, *(option for option in shared if option.names[0] not in known)]
        return self._options[command]

    def find_option(self, command: str, name: str) -> Option | None:
        """The option of this name."""
        return next((option for option in self.options(command) if name in option.names), None)

    def fields(self, noun: str) -> list[list[str]]:
        """Fields of a noun: key, short name, Chinese name, kind of value."""
        return [cell.split("|") for cell in self.row(f"?{noun}")]
