"""Which Asian encoding bytes are in, told by the characters that people write in it; certain, or nothing."""

import re
from collections.abc import Iterable

ENOUGH = 20_000  # characters beyond ASCII that suffice to judge a language by
_FEWEST = 6  # fewer could be anything
_GB_PAIR = re.compile(rb"[\x81-\xfe](?:[0-9][\x81-\xfe][0-9]|[\x40-\x7e\x80-\xfe])")
_BIG5_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_SJIS_PAIR = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\x80-\xff]")


def looks_chinese(chunks: Iterable[bytes]) -> bool:
    """Whether GB18030 gives everyday characters.

    Chinese text lives in the first level of GB 2312 (leads B0-D7, ordered by pinyin) and its punctuation. Western
    letters make rare characters with a second byte that is an ASCII letter or a lead beyond D7, Big5 and Shift-JIS
    make rare ones too, and Korean stays below C9, where Chinese never does for long.
    """
    total = hanzi = signs = 0
    different: set[bytes] = set()
    for chunk in chunks:
        for pair in _GB_PAIR.findall(chunk):
            total += 1
            if pair[1] < 0xA1:
                continue
            if 0xB0 <= pair[0] <= 0xD7:
                hanzi += 1
                different.add(pair)
            elif 0xA1 <= pair[0] <= 0xA3:
                signs += 1
        if total > ENOUGH:
            break
    late = sum(pair[0] > 0xC8 for pair in different)
    korean = len(different) >= 20 and late * 10 < len(different)
    return hanzi > 0 and (hanzi + signs) * 3 >= total * 2 and not korean


def looks_taiwanese(chunks: Iterable[bytes]) -> bool:
    """Whether Big5 gives everyday characters: leads A4-C6, ordered by strokes, with second bytes of both ranges.

    Two in five of those are below 7F. Korean has the same leads and none, Western capitals before a letter have all;
    small Western and Cyrillic letters are leads beyond C6.
    """
    total = common = low = 0
    for chunk in chunks:
        for pair in _BIG5_PAIR.findall(chunk):
            total += 1
            if len(pair) == 2 and 0xA1 <= pair[0] <= 0xC6:
                common += 1
                low += pair[1] < 0x7F
        if total > ENOUGH:
            break
    return total >= _FEWEST and common * 10 >= total * 9 and common * 15 <= low * 100 <= common * 75


def looks_japanese(chunks: Iterable[bytes]) -> bool:
    """Whether Shift-JIS gives kana (82 9F-F1, 83 40-96), which no Japanese does without, and nothing that is rare."""
    total = kana = rare = 0
    for chunk in chunks:
        for pair in _SJIS_PAIR.findall(chunk):
            total += 1
            if len(pair) < 2:
                rare += not 0xA1 <= pair[0] <= 0xDF
            elif (pair[0] == 0x82 and 0x9F <= pair[1] <= 0xF1) or (pair[0] == 0x83 and 0x40 <= pair[1] <= 0x96):
                kana += 1
            else:
                rare += pair[0] > 0x97
        if total > ENOUGH:
            break
    return total >= _FEWEST and kana * 10 >= total and rare * 10 <= total
