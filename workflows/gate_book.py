"""Who waits at a site's gate, who is inside and who is next: decisions only, all times are given."""

from datetime import UTC, datetime

from mindreel.contracts.sites import Admission, Departure, GateView, SiteRules, Visitor
from workflows.gate_state import GateState, Inside, Waiting

Answer = tuple[str, Admission]
"""A workflow id and what its workflow is told."""

_CLOSING = ("rate_limit", "bot_check")
_FAILURES = ("network", "unknown_host")
_REFUSALS = (*_CLOSING, *_FAILURES)
_TURNED_AWAY_AT_ONCE = 200
"""The patience of thousands ends in one moment, and a workflow may send 2,000 signals before one arrives."""
_LOOK_AFTER_S = 600.0
"""A visitor that stays longer may have been terminated; a look is cheap, and long downloads are rare."""


class GateBook:
    """The book of one site's gate."""

    def __init__(self, site: str, rules: SiteRules, state: GateState) -> None:
        self.site = site
        self.rules = rules
        self.state = state
        self._looked_at = 0.0

    def enter(self, visitor: Visitor, now: float) -> None:
        """A visitor stands in line; the same turn twice is one, a higher one replaces an earlier."""
        state, me = self.state, visitor.workflow_id
        known = [state.inside[me].turn] if me in state.inside else []
        known += [state.waiting[me].visitor.turn] if me in state.waiting else []
        if visitor.turn <= max(known, default=-1):
            return
        self._remove(me)
        state.entered += 1
        state.waiting[me] = Waiting(visitor, now, state.entered)

    def leave(self, departure: Departure, now: float) -> None:
        """A visitor goes: from inside, and then the site answered or refused, or out of the line."""
        state, me = self.state, departure.workflow_id
        waiting, inside = state.waiting.get(me), state.inside.get(me)
        if waiting is not None:
            if waiting.visitor.turn == departure.turn:
                del state.waiting[me]
            return
        if inside is not None and inside.turn != departure.turn:
            return
        was_trying = state.trying == me
        self._remove(me)
        state.failed_at.pop(me, None)
        if departure.comes_again:
            state.failed_at[me] = state.admitted
        if departure.refusal in _REFUSALS:
            self._refused(departure, now, was_trying=was_trying)
        elif not departure.refusal:
            self._went_well(inside.number if inside else 0, was_trying=was_trying)

    def answered(self, workflow_id: str, turn: int) -> None:
        """The site has answered the one that tries: the others need not wait for the end of its download.

        How long it has refused, and how often it closed, is forgotten only when a visit has ended well: else
        a site that shows its pages and refuses its media would be tried every minute, for ever.
        """
        state, inside = self.state, self.state.inside.get(workflow_id)
        if inside is None or inside.turn != turn or state.trying != workflow_id:
            return
        state.trying, state.answered = "", inside.number
        state.opens_at, state.failures = 0.0, 0

    def drop(self, workflow_id: str, turn: int) -> None:
        """A workflow has ended without a word, which says nothing about the site; its next run stays."""
        inside = self.state.inside.get(workflow_id)
        if inside is not None and inside.turn == turn:
            self.state.failed_at.pop(workflow_id, None)
            self._remove(workflow_id)

    def pause(self, reason: str) -> None:
        """Let nobody in until `resume`."""
        self.state.paused = reason

    def resume(self) -> None:
        """Open at once, and forget what was refused."""
        self.state.paused = None
        self._open()

    def answers(self, now: float) -> list[Answer]:
        """Those who are let in now, and those who are turned away because their patience is over."""
        answers = self._turned_away(now)
        while (visitor := self._next(now)) is not None:
            answers.append((visitor.workflow_id, self._admit(visitor, now)))
        return answers

    def wakes_at(self) -> float | None:
        """When `answers` or `to_look_after` may say something new although nobody came or went."""
        state, times = self.state, []
        if not state.waiting:
            return None
        if state.inside:
            times.append(
                max(self._looked_at, min(each.since for each in state.inside.values())) + _LOOK_AFTER_S
            )
        if state.paused is None and not state.trying:
            if state.is_closed:
                times += [state.opens_at, *map(self._patience_ends, state.waiting.values())]
            elif len(state.inside) < self.rules.max_concurrent:
                times.append(state.last_admission_at + self.rules.min_interval_s)
        return min(times, default=None)

    def to_look_after(self, now: float) -> dict[str, int]:
        """Turns of workflows that are inside for long while others wait, and may have ended."""
        if not self.state.waiting or now < self._looked_at + _LOOK_AFTER_S:
            return {}
        inside = self.state.inside.items()
        old = {each: visit.turn for each, visit in inside if now >= visit.since + _LOOK_AFTER_S}
        if old:
            self._looked_at = now
        return old

    def unneeded_from(self, now: float) -> float | None:
        """When nobody would miss the gate if nobody came until then; None while somebody would."""
        state = self.state
        if state.waiting or state.inside or state.paused is not None:
            return None
        return max(now, state.opens_at)

    def view(self) -> GateView:
        """For people."""
        state = self.state
        word = self._word()
        opens_at = datetime.fromtimestamp(state.opens_at, UTC).isoformat(timespec="seconds")
        return GateView(
            site=self.site,
            state=word,
            reason="" if word == "open" else state.paused or state.reason,
            opens_at=opens_at if word == "closed" else None,
            inside=len(state.inside),
            waiting=len(state.waiting),
            successes=state.successes,
            refusals=state.refusals,
        )

    def _word(self) -> str:
        if self.state.paused is not None:
            return "paused"
        if self.state.trying:
            return "trying"
        return "closed" if self.state.is_closed else "open"

    def _remove(self, workflow_id: str) -> None:
        self.state.inside.pop(workflow_id, None)
        self.state.waiting.pop(workflow_id, None)
        if self.state.trying == workflow_id:
            self.state.trying = ""

    def _next(self, now: float) -> Visitor | None:
        state = self.state
        if state.paused is not None or state.trying or not state.waiting:
            return None
        line = list(state.waiting.values())
        if state.is_closed and now < state.opens_at:
            line = [each for each in line if not each.visitor.patience_s]
        elif not state.is_closed and (
            len(state.inside) >= self.rules.max_concurrent
            or now < state.last_admission_at + self.rules.min_interval_s
        ):
            return None
        return min(line, key=self._rank).visitor if line else None

    def _rank(self, waiting: Waiting) -> tuple[int, int, int]:
        visitor = waiting.visitor
        return visitor.priority, self.state.served.get(visitor.tenant, 0), waiting.place

    def _admit(self, visitor: Visitor, now: float) -> Admission:
        state, me = self.state, visitor.workflow_id
        self._remove(me)
        state.admitted += 1
        state.inside[me] = Inside(visitor.turn, state.admitted, now)
        state.served[visitor.tenant] = state.admitted
        state.last_admission_at = now
        if state.is_closed:
            state.trying, state.early = me, now < state.opens_at
        return Admission(
            visitor.turn,
            well=state.newest_well > state.failed_at.get(me, state.admitted),
            refusing_s=self._refusing_s(now),
            trial=state.trying == me,
        )

    def _turned_away(self, now: float) -> list[Answer]:
        state = self.state
        if not state.is_closed or state.paused is not None:
            return []
        gone = [
            each.visitor
            for each in state.waiting.values()
            if each.visitor.patience_s and now >= self._patience_ends(each)
        ][:_TURNED_AWAY_AT_ONCE]
        for visitor in gone:
            self._remove(visitor.workflow_id)
            state.failed_at.pop(visitor.workflow_id, None)
        sentence = (
            f"{self.site} has been refusing everybody for {_hours(self._refusing_s(now))}: {state.reason}"
        )
        refusing_s = self._refusing_s(now)
        return [
            (each.workflow_id, Admission(each.turn, False, refusing_s, state.refusal, sentence))
            for each in gone
        ]

    def _patience_ends(self, waiting: Waiting) -> float:
        return max(self.state.closed_at or 0.0, waiting.since) + waiting.visitor.patience_s

    def _refusing_s(self, now: float) -> float:
        return now - self.state.closed_at if self.state.closed_at is not None else 0.0

    def _refused(self, departure: Departure, now: float, *, was_trying: bool) -> None:
        state = self.state
        state.refusals += 1
        state.refusal, state.reason = departure.refusal, departure.sentence
        wait_s = min(departure.retry_after_s or 0.0, self.rules.longest_pause_s)
        if not state.is_closed:
            state.failures += departure.refusal in _FAILURES
            if departure.refusal in _CLOSING or state.failures >= self.rules.failures:
                state.closed_at = now if state.closed_at is None else state.closed_at
                state.answered = 0
                self._shut(now, wait_s)
        elif was_trying and not state.early:
            self._shut(now, wait_s)
        else:  # one that was let in before it closed, or before its time: it says what is known already
            state.opens_at = max(state.opens_at, now + wait_s)

    def _shut(self, now: float, wait_s: float) -> None:
        state, rules = self.state, self.rules
        pause_s = min(rules.first_pause_s * 2.0 ** min(state.closings, 30), rules.longest_pause_s)
        state.closings += 1
        state.opens_at = max(state.opens_at, now + max(pause_s, wait_s))

    def _went_well(self, number: int, *, was_trying: bool) -> None:
        state = self.state
        state.successes += 1
        state.newest_well = max(state.newest_well, number)
        if was_trying or state.closed_at is None or 0 < state.answered <= number:
            self._open()

    def _open(self) -> None:
        state = self.state
        state.closed_at, state.opens_at, state.trying = None, 0.0, ""
        state.refusals = state.failures = state.closings = state.answered = 0
        state.refusal = state.reason = ""


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds / 60:.0f} minutes"  # noqa: PLR2004 - an hour
