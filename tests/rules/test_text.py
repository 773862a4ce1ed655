"""Cleaning, columns, folding and the formula guard: tables of cases and properties over any text."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_cli.rules.text import (
    clean,
    clean_lines,
    clusters,
    fit,
    fold,
    guard_formula,
    has_cjk,
    pad,
    squeeze,
    unguard_formula,
    width,
    wrap,
)

# The pattern of the hostile-input check, with ESC, tab and line ends as well: a cleaned text is one line.
BAD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
HIDDEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180e\u200b\u2028\u2029\u2060-\u2064\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)

FAMILY = "👩\u200d👩\u200d👧"
MINGLED = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "aZ 1#\u0301\u0327\u200d\u200c\ufe0f\u202e\u200b中あ각👩👧🏽🇩🇪❤क्षिمی\u05b0\u1100\u1161\u034f\x1b\n\t…，"
        ),
        st.characters(),
    ),
    max_size=40,
)
ANY = st.one_of(st.text(max_size=60), MINGLED)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Acme", "Acme"),
        ("", ""),
        ("[red]x[/]", "[red]x[/]"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("张伟\x1b[2J", r"张伟\x1b[2J"),
        ("\u202eexe.txt", r"\u202eexe.txt"),
        ("\u061c\u200e\u2066x\u2069", r"\u061c\u200e\u2066x\u2069"),
        ("a\u200bb\ufeff\u00ad", r"a\u200bb\ufeff\xad"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\U000e0041", r"\U000e0041"),
        ("\udcff", r"\udcff"),
        ("\u3164", r"\u3164"),
        ("\ue000", "\ue000"),
        ("a\u00a0b", "a\u00a0b"),
        ("שלום عمر नमस्ते", "שלום عمر नमस्ते"),
        ("Zoë Müller", "Zoë Müller"),
        ("e\u0301", "e\u0301"),
        (FAMILY, FAMILY),
        ("❤\ufe0f\u200d🔥 👍🏽", "❤\ufe0f\u200d🔥 👍🏽"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("ന്\u200d", "ന്\u200d"),
        ("a\u200db", r"a\u200db"),
        ("\u200d", r"\u200d"),
        ("م\u200c", r"م\u200c"),
        ("م\u200d\u200dم", "م\\u200d\\u200dم"),
        ("👩\u200d", "👩\\u200d"),
        ("Z" + "\u0351" * 500 + "a", "Z" + "\u0351" * 8 + "…a"),
    ],
)
def test_clean_shows_what_hides(raw, shown):
    assert clean(raw) == shown


@given(ANY)
@example("👩" + "\ufe0f" * 8 + "\u200d👩")
@example("क" + "\u093f" * 7 + "\u200d\u093fक")
def test_clean_leaves_nothing_that_controls_and_is_idempotent(text):
    once = clean(text)
    assert not BAD.search(once)
    assert not HIDDEN.search(once)
    assert clean(once) == once


@given(ANY)
def test_clean_lines_are_each_clean(text):
    lines = clean_lines(text)
    assert not any(BAD.search(line) for line in lines)
    assert len(lines) == text.replace("\r\n", "\n").count("\n") + 1


def test_clean_lines_keeps_line_ends_and_tabs():
    assert clean_lines("a\r\nb\tc\n\x1b") == ["a", "b    c", r"\x1b"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("中文", 4),
        ("ｱ", 1),
        ("Ａ", 2),
        ("é", 1),
        ("e\u0301", 1),
        ("한글", 4),
        ("\u1112\u1161\u11ab", 2),
        ("…·€", 3),
        ("👍", 2),
        ("👍🏽", 2),
        ("🏽", 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("1\ufe0f\u20e3", 2),
        ("a\ufe0f", 1),
        (FAMILY, 2),
        ("🏳\ufe0f\u200d🌈", 2),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("🇩", 1),
        ("\U0001fae8", 2),
        ("\U0010ffff", 1),
        ("שלום", 4),
        ("می\u200cخواهم", 7),
        ("नमस्ते", 4),
        ("张伟" + FAMILY + " שלום", 11),
    ],
)
def test_width_counts_terminal_columns(text, columns):
    assert width(text) == columns


@given(ANY)
def test_width_is_the_sum_of_the_clusters(text):
    assert "".join(clusters(text)) == text
    assert width(text) == sum(width(c) for c in clusters(text))


@given(ANY, st.integers(-1, 30))
def test_fit_never_exceeds_its_columns(text, n):
    cut = fit(text, n)
    assert width(cut) <= max(n, 0)
    if n > 0 and width(text) <= n:
        assert cut == text
    elif n > 0:
        assert cut.endswith("…")


def test_fit_does_not_split_what_belongs_together():
    assert fit("abcdef", 4) == "abc…"
    assert fit("中文字", 4) == "中…"
    assert fit("ae\u0301bc", 3) == "ae\u0301…"
    assert fit(FAMILY + "abc", 3) == FAMILY + "…"
    assert fit("a🇩🇪b", 3) == "a…"


@given(ANY, st.integers(0, 30))
def test_pad_fills_and_never_cuts(text, n):
    assert width(pad(text, n)) == max(n, width(text))
    assert pad(text, n, right=True).endswith(text)


@pytest.mark.parametrize(
    ("text", "n", "lines"),
    [
        ("", 10, [""]),
        ("call her back tomorrow", 10, ["call her", "back", "tomorrow"]),
        ("abcdefghij xy", 4, ["abcd", "efgh", "ij", "xy"]),
        ("价格还要再谈一次", 6, ["价格还", "要再谈", "一次"]),
        ("好的，再谈", 4, ["好", "的，", "再谈"]),
        ("Acme公司 报价 12k", 8, ["Acme公司", "报价 12k"]),
        ("a\nb", 10, ["a b"]),
        ("中", 1, ["中"]),
    ],
)
def test_wrap_breaks_words_and_chinese(text, n, lines):
    assert wrap(text, n) == lines


@given(ANY, st.integers(1, 30))
def test_wrap_loses_nothing_but_spaces(text, n):
    lines = wrap(text, n)
    assert all(width(line) <= max(n, 2) for line in lines)
    spaces = re.compile(r"\s+")
    assert spaces.sub("", "".join(lines)) == spaces.sub("", text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Acme   GmbH ", "acme gmbh"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("İIıi", "iiii"),
        ("Ａｃｍｅ　株式会社", "acme 株式会社"),
        ("ﬁrma", "firma"),
        ("Ёлка", "елка"),
        ("Ἀθῆναι", "αθηναι"),
        ("नमस्ते", "नमस्ते"),
        ("ที่", "ที่"),
        ("が", "が"),
        ("한글", "한글"),
        ("张\u200b伟", "张伟"),
        ("\ufeffAcme", "acme"),
        ("❤\ufe0f", "❤"),
        ("\u200b", ""),
    ],
)
def test_fold_forgives_case_width_accents_and_hidden_characters(text, key):
    assert fold(text) == key


@given(ANY)
def test_fold_is_idempotent(text):
    key = fold(text)
    assert fold(key) == key
    assert key == key.strip()
    assert "  " not in key


def test_every_single_character_folds_once_and_for_all():
    # The large uniform blocks (ideographs, Hangul, private use) are left out: they only cost time.
    for code in [
        *range(0x3400),
        *range(0xA000, 0xAC00),
        *range(0xD7A4, 0xE000),
        *range(0xF900, 0x17000),
        *range(0x1B000, 0x20000),
        *range(0x2F800, 0x2FA20),
    ]:
        key = fold(chr(code))
        assert fold(key) == key, hex(code)


def test_squeeze_and_has_cjk():
    assert squeeze("  a \t\n b ") == "a b"
    assert [has_cjk(t) for t in ("abc", "é", "中", "か", "한", "a𠀀")] == [False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("Acme", "Acme"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("＠x", "'＠x"),
        ("'=1", "''=1"),
        ("'", "''"),
        ("O'Brien", "O'Brien"),
        ("+4930901820", "+4930901820"),
        ("+49 30 901820", "+49 30 901820"),
        ("+49-30", "'+49-30"),
        ("+", "'+"),
        ("+ 49", "'+ 49"),
        ("+٣", "'+٣"),
    ],
)
def test_guard_stops_formulas_and_can_be_taken_off(cell, guarded):
    assert guard_formula(cell) == guarded
    assert unguard_formula(guarded) == cell


def test_unguard_takes_off_only_the_guard():
    assert unguard_formula("'hello") == "'hello"
    assert unguard_formula("'=1") == "=1"
    assert unguard_formula("'") == "'"


@given(st.one_of(st.text(), st.text(alphabet="'=+-@\t\r\n＝＋0 9a")))
def test_guard_round_trip(cell):
    guarded = guard_formula(cell)
    assert unguard_formula(guarded) == cell
    assert not guarded or guarded[0] not in "=-@\t\r\n＝＋－＠"


def test_a_vandal_text_costs_no_time():
    started = time.perf_counter()
    for text in ("a" * 20_000, "Z" + "\u0351" * 20_000, FAMILY * 4_000, "👩" + "\u200d" * 20_000, "中" * 20_000):
        fit(clean(text), 40), fold(text), wrap(clean(text), 40)
    assert time.perf_counter() - started < 10
