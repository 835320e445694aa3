"""Text in two languages, English and Chinese, kept side by side. Never translates anything itself."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator
from pydantic_core import PydanticCustomError

Language = Literal["en", "zh"]


class Text(BaseModel):
    """A short text in English and Chinese.

    In a definition file it is a mapping ``{en: …, zh: …}`` or a bare string that serves both languages.

    >>> Text(en="intake", zh="受理").get("zh")
    '受理'
    >>> Text.model_validate("窗口").get("en")
    '窗口'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str | None = None
    zh: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_bare(cls, data: Any) -> Any:
        return {"en": data, "zh": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _has_some(self) -> "Text":
        if not self.en and not self.zh:
            raise PydanticCustomError("empty_text", "a text needs 'en', 'zh' or both")
        return self

    @model_serializer
    def _to_data(self) -> Any:
        if self.en == self.zh:
            return self.en
        return {key: value for key, value in (("en", self.en), ("zh", self.zh)) if value is not None}

    def get(self, lang: Language = "en") -> str:
        """Return the text in ``lang``, or in the other language where that one is missing."""
        first, second = (self.zh, self.en) if lang == "zh" else (self.en, self.zh)
        return first or second or ""

    def __str__(self) -> str:
        return self.get("en")
