"""Citations of law as Chinese readers write them. Knows no law: it only rewrites how one is cited."""

import re

from procflow.text import Language

_ARTICLES = re.compile(r"([\u4e00-\u9fff（）]+) art\. ?(\d+(?:(?:, |–|-)\d+)*)")
_UNREAD = re.compile(r" ?\(not re-read\)")


def cited(text: str, lang: Language) -> str:
    """Return a citation in a language: in Chinese with the law's title in 《》 and its articles as 第…条.

    >>> cited("行政许可法 art. 42, 82", "zh"), cited("税收征收管理法 art. 15 (not re-read)", "zh")
    ('《行政许可法》第42条、第82条', '《税收征收管理法》第15条（未复核原文）')
    >>> cited("行政许可法 art. 42, 82", "en")
    '行政许可法 art. 42, 82'
    """
    if lang != "zh":
        return text
    return _UNREAD.sub("（未复核原文）", _ARTICLES.sub(_article, text)).replace("; ", "；")


def _article(found: re.Match[str]) -> str:
    numbers = "、".join(f"第{part}条" for part in found[2].split(", "))
    return f"《{found[1]}》{numbers}"
