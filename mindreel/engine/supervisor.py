import logging
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mindreel.contracts.secrets import without_secrets
from mindreel.engine import ports as port_choice
from mindreel.engine import processes, server, state
from mindreel.engine.child import Child, ChildCommand
from mindreel.engine.idle import IdleWatch
from mindreel.engine.locks import FileLock, holder_pid
from mindreel.engine.ports import Ports
from mindreel.engine.signals import Signals
from mindreel.engine.state import EngineState
from mindreel.errors import SetupError

_log = logging.getLogger(__name__)
_READY_POLL_S = 0.02
_PROBE_S = 0.5
"""A look at the lock (`state.running`) holds it for microseconds; try again this long."""
_LEFTOVER_S = 5.0
"""After kill -9 of a supervisor the kernel ends its server at once; elsewhere the server lives on."""
_SERVER_GRACE_S = 10.0
_LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True)
class WorkerCommand:
    """A worker process to keep running."""

    name: str
    """Names its log: logs/<name>.log."""
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own; TEMPORAL_ADDRESS and MINDREEL_EMBEDDED=1 are added by the engine."""


@dataclass(frozen=True)
class EnginePlan:
    """What one engine runs."""

    home: Path
    workers: tuple[WorkerCommand, ...]
    search_attributes: Mapping[str, str] = field(default_factory=dict)
    """Name to Temporal's type; they exist when `prepare` is called."""
    prepare: Callable[[EngineState], None] = lambda _state: None
    """Called once, in the main thread, when the server is ready and before any worker starts."""
    idle_minutes: float | None = None
    """End after this long without work; None: stay until a signal."""
    busy: Callable[[], bool] = lambda: True
    """Whether there is work; called in a thread. It says True while it cannot know (a restarting server):
    what it raises ends the engine."""
    drain_s: float = 30.0
    """How long workers may finish after SIGTERM; a second signal ends them at once."""
    ready_s: float = 60.0
    """How long the server may take to start."""
    version: str = ""
    """Of the caller, for engine.json."""
    database: str = server.DATABASE
    """The server's file in `home`: what is under way in another one stays there, and is not taken up."""


def run_supervisor(plan: EnginePlan, *, on_ready: Callable[[EngineState], None] | None = None) -> int:
    """Run the engine in the foreground until SIGTERM, SIGINT, SIGHUP or idleness; 0 then. Main thread only.

    `on_ready` is called when the workers have been started. Raises `SetupError` when an engine runs already
    for this home, a leftover server holds its database, or the server does not start.
    """
    with ExitStack() as stack:
        _own(plan.home, stack)
        signals = stack.enter_context(Signals())
        engine = _Engine(plan, signals, server_lock=_claim_database(plan, stack))
        stack.callback(engine.stop)
        if engine.start():
            if on_ready is not None:
                on_ready(engine.state)
            engine.watch()
    return 0


def _own(home: Path, stack: ExitStack) -> None:
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context(FileLock(state.lock_file(home)))
        owned = lock.acquire(timeout_s=_PROBE_S)
    except OSError as error:
        raise SetupError(
            f"The data directory {home} cannot be used ({error.strerror}); set MINDREEL_HOME to another one."
        ) from error
    if not owned:
        pid = holder_pid(state.lock_file(home))
        raise SetupError(f"An engine (process {pid}) is already running for {home}; use it or stop it first.")
    lock.write_pid(os.getpid())
    state.forget(home)


def _claim_database(plan: EnginePlan, stack: ExitStack) -> FileLock:
    """The lock that the server child inherits, so that it is held as long as any server lives.

    One a home, whatever the database: the ports are the home's.
    """
    lock = stack.enter_context(FileLock(plan.home / "server.lock"))
    if not lock.acquire(timeout_s=_LEFTOVER_S):
        raise SetupError(
            f"A Temporal server left behind by an earlier engine still uses {plan.home}; "
            f"end process {holder_pid(lock.path)} and try again."
        )
    return lock


class _Engine:
    def __init__(self, plan: EnginePlan, signals: Signals, *, server_lock: FileLock) -> None:
        self._plan, self._signals, self._server_lock = plan, signals, server_lock
        self._server: Child | None = None
        self._workers: list[Child] = []
        self._ports = Ports()
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._idle: IdleWatch | None = None

    @property
    def state(self) -> EngineState:
        return EngineState(
            pid=os.getpid(),
            address=f"127.0.0.1:{self._ports.grpc}",
            ui_url=f"http://127.0.0.1:{self._ports.ui}",
            started_at=self._started_at,
            version=self._plan.version,
            children=tuple(child.state for child in self._children),
        )

    @property
    def _children(self) -> list[Child]:
        return [*([self._server] if self._server else []), *self._workers]

    def start(self) -> bool:
        """Bring everything up; False when a signal came first."""
        if not self._start_server():
            return False
        server.add_search_attributes(self._ports, self._plan.search_attributes)
        self._plan.prepare(self.state)
        if self._signals.stopping:
            return False
        for command in self._plan.workers:
            worker = Child(self._worker_command(command))
            self._workers.append(worker)
            worker.start()
        self._begin_idle_watch()
        state.save(self._plan.home, self.state)
        return True

    def watch(self) -> None:
        """Restart what dies, until a signal or idleness."""
        while not self._signals.stopping:
            changed = [child.tend() for child in self._children]
            if any(changed):
                self._announce()
            if self._idle is not None and self._idle.expired:
                if self._idle.leave_home():
                    return
                self._announce()
            due = [due for child in self._children if (due := child.due_s()) is not None]
            self._signals.wait(min(due, default=_LONGEST_WAIT_S))

    def _announce(self) -> None:
        try:
            state.save(self._plan.home, self.state)
        except OSError as error:  # a full disk must not end a running engine
            _log.warning("engine.json cannot be written: %s", error)

    def stop(self) -> None:
        """Withdraw the state, drain the workers, then end the server."""
        state.forget(self._plan.home)
        if self._idle is not None:
            self._idle.stop()
        workers = [worker.process for worker in self._workers if worker.process is not None]
        processes.terminate(workers, grace_s=self._plan.drain_s, hurried=lambda: self._signals.hurried)
        if self._server is not None and self._server.process is not None:
            processes.terminate([self._server.process], grace_s=_SERVER_GRACE_S)

    def _start_server(self) -> bool:
        """Start it on free ports; engines of other homes wait, so that no two choose the same ones."""
        with FileLock(port_choice.lock_file(Path(tempfile.gettempdir()))) as choosing:
            choosing.acquire(timeout_s=self._plan.ready_s)  # without it a clash is unlikely, and would show
            self._ports = port_choice.choose(self._plan.home)
            self._server = Child(self._server_command(), on_start=self._server_lock.write_pid)
            self._server.start()
            ready = self._wait_until_ready(self._server)
        if ready:
            port_choice.remember(self._plan.home, self._ports)
        return ready

    def _wait_until_ready(self, child: Child) -> bool:
        deadline = time.monotonic() + self._plan.ready_s
        while not server.is_ready(self._ports):
            if self._signals.stopping:
                return False
            ended = child.process is None or child.process.poll() is not None
            if ended or time.monotonic() >= deadline:
                why = "ended at once" if ended else f"was not ready within {self._plan.ready_s:g} s"
                raise SetupError(
                    f"The Temporal server {why}: {child.last_words() or 'it wrote nothing'} "
                    f"(its log is {child.command.log})."
                )
            self._signals.wait(_READY_POLL_S)
        return True

    def _server_command(self) -> ChildCommand:
        return ChildCommand(
            name="temporal",
            arguments=tuple(
                server.server_command(
                    self._ports,
                    search_attributes=self._plan.search_attributes,
                    database=self._plan.database,
                )
            ),
            log=self._plan.home / "logs" / "temporal.log",
            environment=without_secrets(server.clean_environment()),
            cwd=self._plan.home,
            inherit=(self._server_lock.fileno(),),
        )

    def _worker_command(self, command: WorkerCommand) -> ChildCommand:
        engine = {
            "TEMPORAL_ADDRESS": self.state.address,
            "MINDREEL_EMBEDDED": "1",
            "PYTHONUNBUFFERED": "1",  # the last words before a kill reach the log
        }
        return ChildCommand(
            name=command.name,
            arguments=command.arguments,
            log=self._plan.home / "logs" / f"{command.name}.log",
            environment={**server.clean_environment(), **command.environment, **engine},
        )

    def _begin_idle_watch(self) -> None:
        if self._plan.idle_minutes is not None:
            self._idle = IdleWatch(
                self._plan.home,
                self._plan.busy,
                idle_s=60 * self._plan.idle_minutes,
                on_expired=self._signals.wake,
            )
            self._idle.start()
