import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mindreel.contracts.stages import NAMES
from mindreel.errors import TransientError
from mindreel.store.protocols import Standing, VideoRow
from mindreel.store.supabase.lease import Lease
from mindreel.store.supabase.moments import for_people
from mindreel.store.supabase.pace import Pace
from mindreel.store.supabase.project import Project
from mindreel.store.supabase.text import stored, told
from mindreel.store.supabase.waiting import once_free

_HUNDRED = 100.0
_ADVANCE_EVERY_S = 2.0
_ADVANCE_REPLY_S = 5.0
"""A step waits for it, between two heartbeats."""
_LEASE_S = 60.0
_PAGE = 1000


class SupabaseCatalog:
    """The catalog in a project's tables `videos` and `jobs`; safe from several threads and machines.

    See `mindreel.store.protocols.Catalog`, and supabase/migrations for what the functions do. Every method
    raises `SetupError` where the project refuses it, `BusyError` where it is out of reach or others hold the
    video for too long. All may be repeated.
    """

    def __init__(
        self, project: Project, *, advance_every_s: float = _ADVANCE_EVERY_S, lease_s: float = _LEASE_S
    ) -> None:
        """`lease_s`: how long a video stays held at most by a holder that died; one that lives renews it."""
        self._project = project
        self._pace = Pace(advance_every_s)
        self._lease_s = lease_s

    def begin(
        self,
        video_id: str,
        *,
        source: str,
        platform: str,
        workflow_id: str,
        request_json: str,
        run_id: str = "",
    ) -> None:
        """A run begins; what an earlier run found out stays until this one knows better.

        A run that has begun before is told twice, by a repeated call: nothing changes.
        """
        self._pace.forget(video_id)
        self._when_free(
            "catalog_begin",
            video_id=video_id,
            source=source,
            platform=platform,
            workflow_id=workflow_id,
            run_id=run_id,
            request_json=request_json,
            tenant=_tenant(request_json),
        )

    def describe(
        self,
        video_id: str,
        *,
        title: str | None = None,
        duration_s: float | None = None,
        language: str | None = None,
    ) -> None:
        """Record what became known. Raises `SetupError` for a video that was never begun."""
        self._when_free(
            "catalog_describe", video_id=video_id, title=title, duration_s=duration_s, language=language
        )

    def advance(self, video_id: str, *, stage: str, percent: float, run_id: str = "") -> None:
        """Record how far a run is; nothing happens when none is running (a straggler after the end).

        Of what is told more often than every few seconds some is left out, never a new stage nor its end.
        """
        percent = min(max(percent, 0.0), _HUNDRED)
        if not self._pace.is_due(video_id, stage, percent):
            return
        try:
            self._call(
                "catalog_advance",
                {
                    "video_id": video_id,
                    "stage": stage,
                    "percent": percent,
                    "reached": NAMES.index(stage) if stage in NAMES else 0,
                    "run_id": run_id,
                },
                reply_s=_ADVANCE_REPLY_S,
            )
        except TransientError:
            self._pace.failed(video_id, stage)
            raise

    def finish(
        self,
        video_id: str,
        *,
        status: str,
        reasons: Sequence[str],
        library: str | None = None,
        result_json: str | None = None,
        error_class: str = "",
        stage: str = "",
        run_id: str = "",
    ) -> None:
        """The run ended. Raises `SetupError` for a video that was never begun."""
        self._pace.forget(video_id)
        self._when_free(
            "catalog_finish",
            video_id=video_id,
            status=status,
            reasons=list(reasons),
            library=library,
            result_json=result_json,
            error_class=error_class,
            stage=stage,
            run_id=run_id,
        )

    def get(self, video_id: str) -> VideoRow | None:
        """One row by exact id."""
        return _row_or_none(self._call("catalog_get", {"video_id": video_id}))

    def find(self, prefix: str) -> list[VideoRow]:
        """Rows whose id starts with `prefix`, upper and lower case told apart."""
        return [_row(found) for found in self._call("catalog_find", {"prefix": prefix})]

    def list(self, *, limit: int = 100) -> list[VideoRow]:
        """Rows, newest first."""
        return [_row(found) for found in self._call("catalog_list", {"most": max(limit, 0)})]

    def standings(self) -> Iterator[Standing]:
        """How every video stands, in pages; each is of its own moment."""
        last = ""
        while page := self._call("catalog_standings", {"after": last, "most": _PAGE}):
            for found in page:
                yield Standing(**{**found, "updated_at": for_people(found["updated_at"])})
            last = page[-1]["id"]

    @contextmanager
    def holding(self, video_id: str) -> Iterator[VideoRow | None]:
        """A lease: until it is given back, or has run out, the database refuses others' changes."""
        with Lease(self._call, video_id, self._lease_s).held() as row:
            yield _row_or_none(row)

    def _when_free(self, function: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        return once_free(lambda: self._call(function, arguments))

    def _call(self, function: str, arguments: Mapping[str, object], *, reply_s: float | None = None) -> Any:  # noqa: ANN401 - JSON
        return told(self._project.call(function, reply_s=reply_s, **stored(dict(arguments))))


def _tenant(request_json: str) -> str:
    """Who asks, where it is a `VideoRequest`."""
    try:
        request = json.loads(request_json)
    except ValueError:
        return ""
    return str(request.get("tenant", "")) if isinstance(request, dict) else ""


def _row_or_none(found: Mapping[str, Any] | None) -> VideoRow | None:
    return None if found is None else _row(found)


def _row(found: Mapping[str, Any]) -> VideoRow:
    duration_s, began_at = found["duration_s"], found["began_at"]
    numbers = {
        "percent": float(found["percent"]),
        "duration_s": None if duration_s is None else float(duration_s),
    }
    times = {
        "created_at": for_people(found["created_at"]),
        "updated_at": for_people(found["updated_at"]),
        "began_at": None if began_at is None else for_people(began_at),
    }
    return VideoRow(**{**found, **numbers, **times, "reasons": tuple(found["reasons"])})
