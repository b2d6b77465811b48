"""Who is let in at a site's gate, and when: decisions on given times, without any workflow."""

import hashlib
from dataclasses import replace

import pytest

from mindreel.contracts.sites import Admission, Departure, SiteRules, Visitor
from workflows.gate_book import GateBook
from workflows.gate_details import markdown
from workflows.gate_state import GateState, pack, unpack

HOUR = 3600.0
RULES = SiteRules(max_concurrent=2, first_pause_s=60.0, longest_pause_s=6 * HOUR, failures=3)
PATIENT = Visitor("", 1, patience_s=24 * HOUR)


def book_of(rules: SiteRules = RULES) -> GateBook:
    return GateBook("example.org", rules, GateState())


def enter(book: GateBook, *names: str, now: float = 0.0, turn: int = 1, like: Visitor = PATIENT) -> None:
    for name in names:
        book.enter(replace(like, workflow_id=name, turn=turn), now)


def admitted(book: GateBook, now: float = 0.0) -> list[str]:
    return [name for name, admission in book.answers(now) if not admission.refusal]


def leave(book: GateBook, name: str, refusal: str = "", now: float = 0.0, **more: object) -> None:
    departure = Departure(name, 1, refusal, "The site said no." if refusal else "")
    book.leave(replace(departure, **more), now)  # type: ignore[arg-type] # each names a field


def closed(book: GateBook, refusal: str = "rate_limit", retry_after_s: float | None = None) -> GateBook:
    """Somebody was refused at 0 s."""
    enter(book, "first")
    admitted(book)
    leave(book, "first", refusal, retry_after_s=retry_after_s)
    return book


def test_no_more_are_inside_than_the_rules_say() -> None:
    book = book_of()
    enter(book, "a", "b", "c")
    assert admitted(book) == ["a", "b"]
    assert admitted(book) == []
    leave(book, "a")
    assert admitted(book) == ["c"]


def test_visits_begin_no_closer_than_the_interval() -> None:
    book = book_of(replace(RULES, max_concurrent=9, min_interval_s=5.0))
    enter(book, "a", "b", "c", now=100.0)
    assert admitted(book, 100.0) == ["a"]
    assert book.wakes_at() == 105.0
    assert admitted(book, 104.9) == []
    assert admitted(book, 105.0) == ["b"]


def test_a_lower_priority_number_goes_first_and_then_who_came_earlier() -> None:
    book = book_of(replace(RULES, max_concurrent=9))
    enter(book, "late", like=replace(PATIENT, priority=5))
    enter(book, "a", "b")
    enter(book, "early", like=replace(PATIENT, priority=1))
    assert admitted(book) == ["early", "a", "b", "late"]


def test_tenants_take_turns_however_many_rows_one_of_them_has() -> None:
    book = book_of(replace(RULES, max_concurrent=9))
    enter(book, "x1", "x2", "x3", like=replace(PATIENT, tenant="x"))
    enter(book, "y1", "y2", like=replace(PATIENT, tenant="y"))
    assert admitted(book) == ["x1", "y1", "x2", "y2", "x3"]


@pytest.mark.parametrize("refusal", ["rate_limit", "bot_check"])
def test_a_refusal_closes_the_gate_at_once_for_everybody(refusal: str) -> None:
    book = closed(book_of(), refusal)
    enter(book, "a", "b")
    assert admitted(book, 59.9) == []
    view = book.view()
    assert (view.state, view.reason, view.waiting) == ("closed", "The site said no.", 2)
    assert view.opens_at == "1970-01-01T00:01:00+00:00"


def test_after_the_pause_one_tries_and_its_success_opens_the_gate() -> None:
    book = closed(book_of())
    enter(book, "a", "b", "c")
    assert admitted(book, 60.0) == ["a"]
    assert book.view().state == "trying"
    assert admitted(book, HOUR) == []
    leave(book, "a", now=HOUR)
    assert book.view().state == "open"
    assert admitted(book, HOUR) == ["b", "c"]


def test_the_one_that_tries_is_told_so() -> None:
    book = book_of()
    enter(book, "a")
    ((_, admission),) = book.answers(0.0)
    assert not admission.trial
    leave(book, "a", "rate_limit")
    enter(book, "a", "b", turn=2)
    ((name, admission),) = book.answers(60.0)
    assert (name, admission.trial) == ("a", True)


def test_the_gate_opens_when_the_site_answers_and_not_only_after_the_download() -> None:
    book = closed(book_of())
    enter(book, "a", "b", "c")
    assert admitted(book, 60.0) == ["a"]
    book.answered("a", 1)
    assert (book.view().state, book.view().reason) == ("open", "")
    assert admitted(book, 61.0) == ["b"]
    leave(book, "a", now=HOUR)
    assert book.view().successes == 1
    assert book.state.closed_at is None
    assert admitted(book, HOUR) == ["c"]


def test_a_site_that_shows_pages_and_refuses_media_is_tried_ever_more_seldom_and_not_for_ever() -> None:
    book, now = closed(book_of()), 0.0
    pauses = []
    for turn in range(2, 6):
        enter(book, "a", turn=turn, now=now)
        at = book.wakes_at()
        assert at is not None
        pauses.append(at - now)
        ((_, admission),) = book.answers(at)
        assert admission.refusing_s == at
        book.answered("a", turn)
        now = at
        leave(book, "a", "rate_limit", now, turn=turn)
        assert book.view().state == "closed"
    assert pauses == [60.0, 120.0, 240.0, 480.0]


def test_a_visit_of_before_it_closed_does_not_make_an_answered_gate_forget() -> None:
    book = book_of()
    enter(book, "old", "first")
    admitted(book)
    leave(book, "first", "rate_limit")
    enter(book, "a")
    assert admitted(book, 60.0) == ["a"]
    book.answered("a", 1)
    leave(book, "old", now=70.0)
    leave(book, "a", "rate_limit", 80.0)
    assert book.wakes_at() is None
    enter(book, "b", now=80.0)
    assert book.wakes_at() == 80.0 + 120.0


def test_an_answered_site_is_down_again_only_after_some_network_failures() -> None:
    book = book_of()
    for turn in range(1, 4):
        enter(book, "a", turn=turn)
        admitted(book)
        leave(book, "a", "network", turn=turn)
    enter(book, "a", turn=4)
    assert admitted(book, 60.0) == ["a"]
    book.answered("a", 4)
    for turn in range(4, 7):
        assert book.view().state == "open"
        enter(book, "a", turn=turn)
        admitted(book, 61.0)
        leave(book, "a", "network", 61.0, turn=turn)
    assert book.view().state == "closed"


def test_only_the_one_that_tries_can_say_that_the_site_answers() -> None:
    book = closed(book_of())
    enter(book, "a", "b")
    book.answered("a", 1)
    assert book.view().state == "closed"
    assert admitted(book, 60.0) == ["a"]
    book.answered("b", 1)
    book.answered("a", 7)
    assert book.view().state == "trying"
    leave(book, "a", "rate_limit", 60.0)
    book.answered("a", 1)
    assert book.view().state == "closed"


def test_what_an_answered_gate_knows_goes_on_as_new() -> None:
    book = closed(book_of())
    enter(book, "a")
    admitted(book, 60.0)
    book.answered("a", 1)
    assert unpack(pack(book.state)) == book.state
    assert not unpack(pack(book.state)).is_closed


def test_each_refusal_doubles_the_pause_up_to_the_longest() -> None:
    book, now = closed(book_of()), 0.0
    pauses = []
    for turn in range(2, 14):
        enter(book, "a", turn=turn, like=replace(PATIENT, patience_s=1000 * HOUR))
        at = book.wakes_at()
        assert at is not None
        pauses.append(at - now)
        assert admitted(book, at - 0.1) == []
        assert admitted(book, at) == ["a"]
        now = at
        leave(book, "a", "rate_limit", now, turn=turn)
    assert pauses[:4] == [60.0, 120.0, 240.0, 480.0]
    assert pauses[-1] == 6 * HOUR
    assert max(pauses) == 6 * HOUR


def test_a_success_makes_the_next_pause_short_again() -> None:
    book = closed(book_of())
    enter(book, "a", "b", "c")
    admitted(book, 60.0)
    leave(book, "a", "rate_limit", 60.0)
    assert admitted(book, 180.0) == ["b"]
    leave(book, "b", now=200.0)
    assert admitted(book, 200.0) == ["c"]
    leave(book, "c", "rate_limit", 200.0)
    enter(book, "d", now=200.0)
    assert admitted(book, 259.0) == []
    assert admitted(book, 260.0) == ["d"]


def test_the_pause_is_as_long_as_the_site_asks_but_not_for_years() -> None:
    asked = closed(book_of(), retry_after_s=600.0)
    enter(asked, "a")
    assert admitted(asked, 599.0) == []
    assert admitted(asked, 600.0) == ["a"]
    absurd = closed(book_of(), retry_after_s=1e9)
    enter(absurd, "a")
    assert admitted(absurd, 6 * HOUR) == ["a"]


def test_a_storm_of_refusals_counts_as_one() -> None:
    book = book_of()
    enter(book, "a", "b", "c")
    admitted(book)
    leave(book, "a", "rate_limit", 0.0)
    leave(book, "b", "rate_limit", 1.0)
    assert book.view().refusals == 2
    assert admitted(book, 60.0) == ["c"]


def test_one_that_was_let_in_before_it_closed_does_not_open_it() -> None:
    book = book_of()
    enter(book, "a", "b", "c")
    admitted(book)
    leave(book, "a", "bot_check")
    leave(book, "b")
    assert book.view().state == "closed"
    assert admitted(book, 1.0) == []


def test_a_site_is_down_after_some_network_failures_in_a_row_and_not_before() -> None:
    book = book_of()
    for turn in range(1, 4):
        assert book.view().state == "open"
        enter(book, "a", turn=turn)
        assert admitted(book) == ["a"]
        leave(book, "a", "network", turn=turn)
    assert book.view().state == "closed"


def test_a_success_between_network_failures_keeps_it_open() -> None:
    book = book_of()
    for turn in range(1, 9):
        enter(book, "bad", "good", turn=turn)
        assert admitted(book) == ["bad", "good"]
        leave(book, "bad", "network", turn=turn)
        leave(book, "good", turn=turn)
    assert book.view().state == "open"


@pytest.mark.parametrize("refusal", ["internal", "setup", "busy", "store", "timeout", "cancelled"])
def test_what_says_nothing_about_the_site_changes_nothing(refusal: str) -> None:
    book = book_of()
    enter(book, "a")
    admitted(book)
    leave(book, "a", refusal)
    view = book.view()
    assert (view.state, view.successes, view.refusals, view.inside) == ("open", 0, 0, 0)


def test_one_that_tried_and_learned_nothing_lets_the_next_try() -> None:
    book = closed(book_of())
    enter(book, "a", "b")
    assert admitted(book, 60.0) == ["a"]
    leave(book, "a", "cancelled", 61.0)
    assert book.view().state == "closed"
    assert admitted(book, 61.0) == ["b"]


def test_resume_opens_at_once_and_forgets_the_refusals() -> None:
    book = closed(book_of(), retry_after_s=HOUR)
    enter(book, "a", "b", "c")
    book.resume()
    assert admitted(book, 1.0) == ["a", "b"]
    leave(book, "a", "rate_limit", 2.0)
    leave(book, "b", "cancelled", 2.0)
    assert admitted(book, 61.0) == []
    assert admitted(book, 62.0) == ["c"]


def test_a_person_s_pause_lasts_until_resume() -> None:
    book = book_of()
    enter(book, "a", like=replace(PATIENT, patience_s=60.0))
    book.pause("The line is needed for a call.")
    assert admitted(book, 1e9) == []
    assert book.wakes_at() is None
    assert (book.view().state, book.view().reason) == ("paused", "The line is needed for a call.")
    book.resume()
    assert admitted(book, 1e9) == ["a"]


def test_somebody_who_waits_for_the_answer_is_let_in_to_try_before_the_time() -> None:
    """A person who typed `run` learns whether the new cookies help; the rows go on waiting if they do not."""
    book = closed(book_of())
    enter(book, "row")
    enter(book, "person", "other person", like=replace(PATIENT, patience_s=0.0))
    assert admitted(book, 5.0) == ["person"]
    assert admitted(book, 6.0) == []
    leave(book, "person", "rate_limit", 7.0)
    assert admitted(book, 8.0) == ["other person"]
    leave(book, "other person", "rate_limit", 9.0)
    assert admitted(book, 59.0) == []
    assert admitted(book, 60.0) == ["row"]


def test_who_waits_longer_than_its_patience_is_turned_away_with_the_reason() -> None:
    book = closed(book_of(), "bot_check", retry_after_s=6 * HOUR)
    enter(book, "patient")
    enter(book, "a", like=replace(PATIENT, patience_s=2 * HOUR))
    assert book.wakes_at() == 2 * HOUR
    assert book.answers(2 * HOUR - 1) == []
    ((name, answer),) = book.answers(2 * HOUR)
    assert (name, answer.refusal) == ("a", "bot_check")
    assert answer.sentence == "example.org has been refusing everybody for 2.0 hours: The site said no."
    assert book.view().waiting == 1


def test_thousands_whose_patience_ends_at_once_are_turned_away_some_at_a_time() -> None:
    """A task with more than 2,000 signals is refused again and again: the gate would be stuck for ever."""
    book = book_of()
    enter(book, "first")
    admitted(book)
    enter(book, *(f"video-{number}" for number in range(2500)), like=replace(PATIENT, patience_s=2 * HOUR))
    leave(book, "first", "bot_check", retry_after_s=6 * HOUR)
    gone: list[str] = []
    while book.wakes_at() == 2 * HOUR:
        answers = book.answers(2 * HOUR)
        assert 0 < len(answers) <= 500
        gone += [name for name, _ in answers]
    assert len(gone) == len(set(gone)) == 2500


def test_waiting_in_a_long_line_of_an_open_gate_is_no_matter_of_patience() -> None:
    book = book_of()
    enter(book, "a", "b", "c", like=replace(PATIENT, patience_s=60.0))
    admitted(book)
    assert book.answers(1e6) == []
    leave(book, "a", "rate_limit", 1e6)
    assert book.view().waiting == 1
    assert admitted(book, 1e6 + 59) == []


def test_the_same_turn_twice_is_one_visit_and_a_higher_one_replaces_it() -> None:
    book = book_of()
    enter(book, "a")
    enter(book, "a")
    assert admitted(book) == ["a"]
    enter(book, "a")
    assert book.view().waiting == 0
    enter(book, "a", turn=2)
    assert (book.view().inside, book.view().waiting) == (0, 1)
    leave(book, "a", "rate_limit")
    assert book.view().state == "open"
    assert book.answers(0.0) == [("a", Admission(2))]


def test_who_leaves_the_line_is_not_let_in() -> None:
    book = book_of()
    enter(book, "a")
    leave(book, "a", "cancelled")
    assert admitted(book) == []
    assert book.unneeded_from(0.0) == 0.0


def test_a_failure_is_the_video_s_own_when_others_went_well_since_its_last_one() -> None:
    book = book_of()
    enter(book, "bad", "good")
    admitted(book)
    leave(book, "good")
    leave(book, "bad", "network", comes_again=True)
    enter(book, "bad", turn=2)
    assert book.answers(0.0) == [("bad", Admission(2))]
    leave(book, "bad", "network", turn=2, comes_again=True)
    enter(book, "good", turn=2)
    assert admitted(book) == ["good"]
    leave(book, "good", turn=2)
    enter(book, "bad", turn=3)
    assert book.answers(0.0) == [("bad", Admission(3, well=True))]


def test_a_success_of_one_that_was_inside_already_does_not_clear_the_site() -> None:
    """Its download was under way when the site went down."""
    book = book_of()
    enter(book, "bad", "good")
    admitted(book)
    leave(book, "bad", "network", comes_again=True)
    leave(book, "good")
    enter(book, "bad", turn=2)
    assert book.answers(0.0) == [("bad", Admission(2))]


def test_old_visitors_are_looked_after_while_others_wait() -> None:
    book = book_of(replace(RULES, max_concurrent=1))
    enter(book, "lost")
    admitted(book)
    assert book.to_look_after(1000.0) == {}
    enter(book, "next", now=1000.0)
    assert book.wakes_at() == 600.0
    assert book.to_look_after(1000.0) == {"lost": 1}
    assert book.to_look_after(1001.0) == {}
    assert book.wakes_at() == 1600.0
    book.drop("lost", 1)
    assert admitted(book, 1001.0) == ["next"]


def test_the_next_run_of_a_workflow_that_ended_is_not_dropped_with_it() -> None:
    book = book_of()
    enter(book, "a")
    admitted(book)
    enter(book, "a", turn=2)
    admitted(book)
    book.drop("a", 1)
    assert book.view().inside == 1


def test_a_gate_is_needed_while_it_is_closed_paused_or_visited() -> None:
    assert book_of().unneeded_from(7.0) == 7.0
    assert closed(book_of()).unneeded_from(7.0) == 60.0
    book = book_of()
    book.pause("")
    assert book.unneeded_from(7.0) is None
    book.resume()
    enter(book, "a")
    assert book.unneeded_from(7.0) is None


def test_the_web_ui_says_why_it_is_closed_and_how_to_open_it() -> None:
    shut = closed(book_of())
    enter(shut, "a")
    shown = markdown(shut.view())
    for part in ("closed", "The site said no.", "1970-01-01T00:01:00", "starter.py site resume example.org"):
        assert part in shown
    assert "resume" not in markdown(book_of().view())


def test_ten_thousand_visitors_are_carried_in_a_fraction_of_a_payload() -> None:
    book = book_of()
    for number in range(10_000):
        name = f"video-generic-{hashlib.sha256(b'%d' % number).hexdigest()[:16]}"
        visitor = Visitor(
            name, 1_790_000_000_000 + 7919 * number, 1 + number % 5, f"tenant-{number % 50}", 86400.0
        )
        book.enter(visitor, 1_790_000_000.0 + number / 7)
    text = pack(book.state)
    assert len(text) < 1_000_000
    assert unpack(text) == book.state
