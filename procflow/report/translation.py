"""The texts of the report's templates in Chinese, by gettext. Translates nothing else: Python's texts are pairs.

The templates' English texts are the message ids; ``locale/zh/LC_MESSAGES/report.po`` is edited by hand, and
``python -m procflow.report.compile_texts`` makes ``report.mo`` from it.
"""

import gettext
import io
from importlib.resources import files

from procflow.text import Language


def translations(lang: Language) -> gettext.NullTranslations:
    """Return the translations of a language; English is what the templates say."""
    if lang == "en":
        return gettext.NullTranslations()
    compiled = files("procflow.report") / "locale" / "zh" / "LC_MESSAGES" / "report.mo"
    return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
