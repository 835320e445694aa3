"""Counter-based random numbers (rules 19 and 20). Knows states and cases by name, and no distribution."""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b

MASK = (1 << 64) - 1


def mix(z: int) -> int:
    """The finalizer of SplitMix64 (rule 19)."""
    z ^= z >> 30
    z = z * 0xBF58476D1CE4E5B9 & MASK
    z ^= z >> 27
    z = z * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def absorb(h: int, x: int) -> int:
    return mix(((h ^ x) + 0x9E3779B97F4A7C15) & MASK)


def name_hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def unit(z: int) -> float:
    """Return a number in (0, 1)."""
    return ((z >> 12) + 0.5) * 2.0**-52


class Purpose(IntEnum):
    WORK = 1
    DELAY = 2
    EXIT = 3
    TRANSFER = 4
    ATTRIBUTE = 5
    OFFICE = 6
    CALL = 7


@dataclass(frozen=True)
class Draws:
    """The uniforms of one sampling, by index."""

    key: int
    offset: int

    def __call__(self, index: int) -> float:
        return unit(self.hashed(index))

    def hashed(self, index: int) -> int:
        return absorb(self.key, self.offset + index)


def stream(seed: int, replication: int, process: str) -> int:
    """Return R of a process in a replication (rule 20)."""
    return absorb(absorb(absorb(0, seed), replication), name_hash(process))


def draws(case: int, key: str, visit: int, purpose: Purpose) -> Draws:
    """Return the draws of a state's visit, or of another key (rule 20)."""
    return Draws(absorb(case, name_hash(key)), (visit << 32) + (purpose << 24))


def called_case(caller: int, key: str, visit: int, instance: int) -> int:
    """Return K of a called case: a draw of the caller's state (rule 20)."""
    return draws(caller, key, visit, Purpose.CALL).hashed(instance)


def sitting_draws(process: int, office: str, sitting: int, key: str) -> Draws:
    """Return the draws of the joint work of a sitting (rule 20)."""
    return draws(absorb(absorb(process, name_hash(f"@sitting {office}")), sitting), key, 1, Purpose.WORK)


def gap_draws(process: int, number: int) -> Draws:
    """Return the draws of a gap between arrivals (rule 20)."""
    return Draws(absorb(process, name_hash("@arrivals")), number << 24)
