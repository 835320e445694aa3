"""Names and ranks of states in a run: draw keys, token paths, the order in which ties are broken."""

import hashlib
from collections import Counter

import numpy as np

from procflow.machine.graph import StateGraph

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def hash_of(name: str) -> int:
    """Return the hash of a name as a signed 64-bit integer (BLAKE2b, 8 bytes, little-endian)."""
    return signed(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))


def signed(word: int) -> int:
    """Return an unsigned 64-bit word as the signed integer of the same bits."""
    return int(np.uint64(word & MASK).astype(np.int64))


def absorb(h: int, x: int) -> int:
    """Return the hash ``h`` with a word taken in; the same function as the kernel's (semantics, rule 19)."""
    z = ((h ^ x) + GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def token_path(name: str) -> str:
    """Return the path of the region in which a state lies: '' on the main line."""
    return name.rpartition("/")[0]


def ranks(graph: StateGraph) -> dict[str, int]:
    """Return the rank of each state by code points of (token path, qualified name)."""
    ordered = sorted(graph.nodes, key=lambda name: (token_path(name), name))
    return {name: rank for rank, name in enumerate(ordered)}


def draw_keys(graph: StateGraph) -> dict[str, str]:
    """Return the draw key of each state: ``same_as``, else its own name where unique, else its qualified name."""
    own = Counter(node.state.name for node in graph.nodes.values())
    return {
        name: node.state.same_as or (node.state.name if own[node.state.name] == 1 else name)
        for name, node in graph.nodes.items()
    }
