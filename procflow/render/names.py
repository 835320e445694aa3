"""Names in drawings: the ids of states in SVG and HTML, and which node belongs to which state. Draws nothing."""

import hashlib
import re

_KEY = re.compile(r"n\d+")


def state_id(name: str) -> str:
    """Return the id of a state in SVG and HTML: ASCII, the same in every drawing, whatever the script of its name.

    >>> state_id("application"), state_id("受理")
    ('state-application-1fe28920', 'state-6a47ff0f')
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"state-{slug}-{digest}" if slug else f"state-{digest}"


def owner(key: str) -> str:
    """Return the key of the state's node to which a bar or a branch belongs.

    >>> owner("n12j"), owner("n7")
    ('n12', 'n7')
    """
    match = _KEY.match(key)
    return match.group() if match else key
