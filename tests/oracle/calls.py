"""Called processes: the cases that a state calls, one after another, and when the call is over (rule 27)."""

import math
from functools import partial
from typing import TYPE_CHECKING

from procflow.definition import expressions
from tests.oracle import random
from tests.oracle.agenda import Phase
from tests.oracle.cases import Caller, Calling, Case, Token

if TYPE_CHECKING:
    from tests.oracle.simulator import Run

MOST = 1_000_000


class Calls:
    """All calls of a run."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.begun: dict[str, int] = {}

    def begin(self, token: Token) -> None:
        """Begin to call; where there are no instances the call is over in phase 4."""
        case, row = token.case, token.row
        call = case.model.state(token.state).call
        assert row is not None and call is not None
        row.ready = row.start = self.run.now
        row.calls = True
        instances = _whole(case, call.instances)
        if instances > MOST:
            raise RuntimeError(f"more than {MOST} instances")
        at_least = getattr(call.join, "at_least", None)
        needed = at_least or (instances if call.join == "all" else 1)
        token.call = Calling(instances, min(needed, instances))
        if instances:
            self.run.visits.due(self.run.now, Phase.ENTER, token, partial(self._instance, token))
        else:
            self.run.visits.due(self.run.now, Phase.JOIN, token, partial(self._over, token))

    def ended(self, case: Case) -> None:
        """A called case has ended: attributes are taken, and the call is over when enough instances have ended."""
        assert case.caller is not None and case.outcome is not None
        token = case.caller.token
        call = token.case.model.state(token.state).call
        assert call is not None and token.call is not None
        taken = {ours: case.values[theirs] for ours, theirs in call.takes.items()}
        token.case.values = {**token.case.values, **taken}
        token.call.outcomes.append(case.outcome)
        if len(token.call.outcomes) == token.call.needed:
            self.run.visits.due(self.run.now, Phase.JOIN, token, partial(self._over, token))

    def cancel(self, token: Token, end: str = "cancelled") -> None:
        """Cancel what a token has called and what has not ended, or cut it."""
        if token.call is None:
            return
        for case in token.call.cases:
            if case.end is None and not case.called_off:
                case.called_off = True
                self.run.visits.cancel(case.main, end)

    def _instance(self, token: Token) -> None:
        """Let the next instance begin; the one after it when its turn comes."""
        calling, caller = token.call, token.case
        call = caller.model.state(token.state).call
        assert calling is not None and call is not None
        number = len(calling.cases) + 1
        model = self.run.models[caller.model.process.called[call.process].name]
        name = model.process.name
        self.begun[name] = self.begun.get(name, 0) + 1
        case = Case(
            model,
            -self.begun[name],
            self.run.now,
            random.called_case(caller.luck, caller.model.draw_key(token.state), token.visit, number),
            Caller(token, token.state, token.visit, number),
            caller.priority(token.state),
            {theirs: caller.values[ours] for theirs, ours in call.gives.items()},
        )
        self.run.cases.append(case)
        calling.cases.append(case)
        if number < calling.instances:
            self.run.visits.due(self.run.now, Phase.ENTER, token, partial(self._instance, token))
        self.run.visits.enter(case.main, model.graph.initial)

    def _over(self, token: Token) -> None:
        """The other instances are cancelled, and the caller exits."""
        assert token.call is not None and token.row is not None
        self.cancel(token)
        token.row.done = self.run.now
        self.run.visits.leave_call(token)


def decided(token: Token) -> str:
    """Return the trigger by which a token goes on after its call."""
    assert token.call is not None
    edges = token.case.model.graph.out(token.state)
    triggers = [edge.trigger for edge in edges if edge.transition.timeout is None]
    if not token.call.instances:
        return triggers[-1]
    return next(trigger for trigger in triggers if trigger in token.call.outcomes)


def _whole(case: Case, written: int | str) -> int:
    """Return the number of instances: rounded, none where it is negative or not a number."""
    if isinstance(written, int):
        return written
    value = float(expressions.parse(written, case.model.attributes, kind="number").evaluate(case.values))
    return math.floor(min(value, 2.0 * MOST) + 0.5) if value >= 0.5 else 0
