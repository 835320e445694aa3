"""Who may pass which item or document on to whom, and what public bodies hold already. Reads the catalog only."""

from functools import lru_cache

from procflow.definition.catalog import DataItem, Material, Sharing
from procflow.definition.process import State
from procflow.definition.resolved import Process, nested_states

_PUBLIC = ("government", "public")


class Permissions:
    """The permissions of one process, looked up once each."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._kinds = {department.name: department.kind for department in process.organization.departments}
        self._born = _born(process)
        self.entry = lru_cache(maxsize=None)(self._entry)

    def _entry(self, thing: str) -> DataItem | Material | None:
        return self.process.material(thing) or self.process.item(thing)

    def share(self, thing: str) -> Sharing | None:
        """Return what the catalog says of sharing an item or document."""
        entry = self.entry(thing)
        return entry.share if entry else None

    def may_pass(self, thing: str, giver: str | None, receiver: str | None) -> bool:
        """Whether ``giver`` may let ``receiver`` have what it knows: always inside one department.

        Between departments a refusal forbids it; a permission lets the bodies that it names have it, or, where it names
        none, government and public bodies from one another. Where the catalog says nothing, these may too, unless the
        item is classified.
        """
        if giver == receiver:
            return True
        share = self.share(thing)
        if share is not None:
            return (
                share.refused is None and self._is_named(share, receiver) and bool(share.to or self._is_public(giver))
            )
        entry = self.entry(thing)
        classified = isinstance(entry, DataItem) and entry.sensitivity == "classified"
        return not classified and self._is_public(giver) and self._is_public(receiver)

    def at_hand(self, thing: str, receiver: str | None) -> tuple[str, ...]:
        """Return who holds an item or document outside of the process and may share it with ``receiver``.

        Nothing for what comes into being in this process: an item that it writes, and others of the same subject and
        issuer (a business that is being registered has no name on the register yet). A document needs a government or
        public body as issuer.
        """
        entry, share = self.entry(thing), self.share(thing)
        if entry is None or share is None or share.refused is not None or not self._is_named(share, receiver):
            return ()
        if (_subject(thing), entry.issuer) in self._born or thing in self._born:
            return ()
        if entry.issuer is None or not self._is_public(entry.issuer):
            return ()
        return entry.held_by or ((entry.issuer,) if isinstance(entry, Material) else ())

    def _is_named(self, share: Sharing, receiver: str | None) -> bool:
        return receiver in share.to if share.to else self._is_public(receiver)

    def _is_public(self, department: str | None) -> bool:
        """A state without department (a portal, say) counts as public: nobody else would demand anything there."""
        return department is None or self._kinds.get(department) in _PUBLIC


def contents(process: Process, document: str) -> tuple[str, ...]:
    """Return the items that a document contains, by the catalog."""
    material = process.material(document)
    return material.contains if material else ()


def captured(process: Process, state: State) -> tuple[str, ...]:
    """Return the items and documents that a state gets and keeps: asked, confirmed, keyed, written, issued.

    Not a document that is only shown, nor what is read off it: what is kept of it is what the state keys or writes.
    """
    return _gained(process, state, [ask.document for ask in state.asks if ask.document and ask.form != "shown"])


def seen(process: Process, state: State) -> tuple[str, ...]:
    """Return the items and documents that a state has before it: what it keeps, and what it is only shown."""
    return _gained(process, state, [ask.document for ask in state.asks if ask.document])


def _gained(process: Process, state: State, handed: list[str]) -> tuple[str, ...]:
    documents = [*handed, *state.issues]
    found = [ask.item for ask in state.asks if ask.item]
    found += [*state.confirms, *(entry.item for entry in state.enters), *state.writes, *documents]
    found += [item for document in documents for item in contents(process, document)]
    return tuple(dict.fromkeys(found))


def _subject(thing: str) -> str:
    return thing.partition(".")[0]


def _born(process: Process) -> set[object]:
    born: set[object] = set()
    for _, state, _ in nested_states(process.definition.states):
        for item in state.writes:
            entry = process.item(item)
            born.add(item)
            if entry is not None and entry.issuer is not None:
                born.add((_subject(item), entry.issuer))
        born |= set(state.issues)
    return born
