"""Where each activity runs, how long it may take, and how it is retried: all of it, in one place.

Start-to-close grows with the length of the video, so that a short video's hang is noticed early and a
long video is not cut off. Every long activity heartbeats on progress, which is how a dead worker is
noticed (within `HEARTBEAT`) and how a cancel arrives.
"""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from workflows.ids import CONTROL_QUEUE, CPU_QUEUE, GPU_QUEUE, INBOX_QUEUE, NOTICE_QUEUE

HEARTBEAT = timedelta(seconds=15)
"""Steps heartbeat at least every second or two; a native call of Whisper on a loaded laptop may take ten."""

_NETWORK = RetryPolicy(
    initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5), maximum_attempts=6
)
"""About a minute of patience with a site, two with the store; a Retry-After overrides the interval."""

_GATED = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(minutes=5),
    maximum_attempts=5,
    non_retryable_error_types=["rate_limit", "bot_check"],
)
"""Of rows that wait at their site's gate: a refusal closes it at once, and the gate does the waiting.

Deaths of the worker count as attempts, so there are as many as for local work."""

_LOCAL = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30), maximum_attempts=8
)
"""Local work fails for good or because a worker died; eight deaths in a row are not bad luck.

As many because the store may be away: `activities.edge` makes that ten minutes of patience."""

_PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30), maximum_attempts=20
)
"""About ten minutes: for what a batch cannot go on without."""

_BRIEF = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10), maximum_attempts=3
)
"""For what is tried again from outside, if it fails."""


def _within(floor_s: float, duration_s: float, factor: float) -> timedelta:
    """`floor_s` seconds and `factor` times the length of the video."""
    return timedelta(seconds=floor_s + factor * duration_s)


def resolve(patience_s: float = 0.0) -> ActivityConfig:
    """yt-dlp's own page loads; a slow extractor takes a minute."""
    return _cpu(timedelta(minutes=5), _fetching(patience_s))


def download(duration_s: float | None, patience_s: float = 0.0) -> ActivityConfig:
    """At least two hours, and four times real time for slow lines; stalls are noticed by heartbeat."""
    return _cpu(_within(7200, duration_s or 0.0, 4.0), _fetching(patience_s))


def audio(duration_s: float) -> ActivityConfig:
    """Decoding runs at 50 to 1000 times real time."""
    return _cpu(_within(120, duration_s, 1.0), _LOCAL)


def thumbnail(duration_s: float) -> ActivityConfig:
    """A dozen seeks."""
    return _cpu(_within(120, duration_s, 0.2), _LOCAL)


def plan_speech(duration_s: float) -> ActivityConfig:
    """Voice activity detection at about 100 times real time, and the model's first load or fetch."""
    return _gpu(_within(3600, duration_s, 0.5))


def transcribe_chunk(chunk_s: float) -> ActivityConfig:
    """Large models on a CPU run slower than real time."""
    return _gpu(_within(3600, chunk_s, 20.0))


def merge(duration_s: float) -> ActivityConfig:
    """Joins text; the length matters little."""
    return _cpu(_within(60, duration_s, 0.1), _LOCAL)


def analyze(duration_s: float) -> ActivityConfig:
    """Five CPU seconds an hour of talk."""
    return _cpu(_within(300, duration_s, 0.5), _LOCAL)


def derive(duration_s: float) -> ActivityConfig:
    """Mind map, index and the plan of clips."""
    return _cpu(_within(120, duration_s, 0.2), _LOCAL)


def cut_clip(clip_s: float, duration_s: float) -> ActivityConfig:
    """A re-encode of 4K runs at a tenth of real time; seeking grows with the file."""
    return _cpu(_within(300 + 0.05 * duration_s, clip_s, 30.0), _LOCAL)


def quality(duration_s: float) -> ActivityConfig:
    """A full decode of everything published."""
    return _cpu(_within(300, duration_s, 1.0), _LOCAL)


def publish(duration_s: float) -> ActivityConfig:
    """Copies at disk speed."""
    return _cpu(_within(300, duration_s, 0.5), _LOCAL)


def record_outcome() -> ActivityConfig:
    """One row; patient, because the catalog must learn how a run ended."""
    return _control()


def knock() -> ActivityConfig:
    """A look at two small files and a signal."""
    return _control()


def closed_workflows() -> ActivityConfig:
    """A few questions to the server; a gate does nothing else meanwhile, and asks again later."""
    return ActivityConfig(
        task_queue=CONTROL_QUEUE,
        schedule_to_close_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1)),
    )


def compose_notice() -> ActivityConfig:
    """One look into the catalog."""
    return ActivityConfig(
        task_queue=CONTROL_QUEUE, start_to_close_timeout=timedelta(seconds=60), retry_policy=_LOCAL
    )


def post_notice() -> ActivityConfig:
    """One request, tried for a day: after 5 s, twice as long each time, then every half an hour."""
    return ActivityConfig(
        task_queue=NOTICE_QUEUE,
        start_to_close_timeout=timedelta(minutes=2),
        schedule_to_close_timeout=timedelta(days=1),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=30)
        ),
    )


def quick() -> ActivityConfig:
    """Statements on the ledger, or calls to the server; patient, for a batch cannot go on without them."""
    return ActivityConfig(
        task_queue=CONTROL_QUEUE, start_to_close_timeout=timedelta(seconds=30), retry_policy=_PATIENT
    )


def look_into_inbox() -> ActivityConfig:
    """A look or a read; a scan that fails is followed by the next one, so it does not try for long."""
    return _at_the_inbox(_BRIEF)


def report_batch() -> ActivityConfig:
    """Ten thousand rows are written in seconds; a slow share may take longer."""
    return _at_the_inbox(_PATIENT)


def tell_videos() -> ActivityConfig:
    """A call to the server for each video of a batch; a heartbeat for every few."""
    return ActivityConfig(
        task_queue=CONTROL_QUEUE,
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(minutes=1),
        retry_policy=_PATIENT,
    )


def expand_row(patience_s: float) -> ActivityConfig:
    """A long playlist is many page loads."""
    return _cpu(timedelta(minutes=15), _fetching(patience_s))


def clean_up() -> ActivityConfig:
    """Looks at every folder; removing one large folder on a slow disk takes a minute without a heartbeat."""
    return ActivityConfig(
        task_queue=CPU_QUEUE,
        start_to_close_timeout=timedelta(hours=6),
        heartbeat_timeout=timedelta(minutes=5),
        retry_policy=_LOCAL,
    )


def delete_histories() -> ActivityConfig:
    """Some thousand calls to the server, a heartbeat for every few."""
    return ActivityConfig(
        task_queue=CONTROL_QUEUE,
        start_to_close_timeout=timedelta(hours=1),
        heartbeat_timeout=timedelta(minutes=1),
        retry_policy=_LOCAL,
    )


def _fetching(patience_s: float) -> RetryPolicy:
    return _GATED if patience_s else _NETWORK


def _control() -> ActivityConfig:
    return ActivityConfig(
        task_queue=CONTROL_QUEUE,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=20),
    )


def _at_the_inbox(retry: RetryPolicy) -> ActivityConfig:
    return ActivityConfig(
        task_queue=INBOX_QUEUE,
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=retry,
    )


def _cpu(timeout: timedelta, retry: RetryPolicy) -> ActivityConfig:
    return ActivityConfig(
        task_queue=CPU_QUEUE, start_to_close_timeout=timeout, heartbeat_timeout=HEARTBEAT, retry_policy=retry
    )


def _gpu(timeout: timedelta) -> ActivityConfig:
    return ActivityConfig(
        task_queue=GPU_QUEUE, start_to_close_timeout=timeout, heartbeat_timeout=HEARTBEAT, retry_policy=_LOCAL
    )
