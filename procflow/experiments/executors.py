"""Where the units of an experiment run: threads, processes, a Dask or Ray cluster, or any executor given.

All have the contract of ``concurrent.futures``: ``submit(fn, /, *args)`` returns a ``concurrent.futures.Future``.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Literal, Protocol, get_args

from procflow.definition.diagnostics import did_you_mean
from procflow.errors import SimulationError
from procflow.text import Text

Kind = Literal["threads", "processes", "dask", "ray"]
IN_FLIGHT: Final = 1_000
"""Units handed to an executor whose size is not known, before the first of them is done."""


class Executor(Protocol):
    """What an experiment asks of an executor."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Start ``fn(*args)`` some time soon, and return its future."""


@contextmanager
def opened(executor: "Kind | Executor", workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Yield an executor and how many units to hand to it at once; what was started here is stopped again.

    ``workers`` is the number of threads, processes or local workers, by default one for each core. Raises
    SimulationError for an unknown kind, a number below 1, or a package that is not installed.
    """
    if not isinstance(executor, str):
        # a Dask client makes an executor of itself
        yield getattr(executor, "get_executor", lambda: executor)(), IN_FLIGHT
        return
    if executor not in _OPENERS:
        hint = did_you_mean(executor, get_args(Kind))
        raise SimulationError(
            Text(en=f"unknown executor {executor!r}{hint.en}", zh=f"未知的执行器 {executor!r}{hint.zh}")
        )
    if workers is not None and workers < 1:
        raise SimulationError(
            Text(en=f"workers must be at least 1, not {workers}", zh=f"workers 至少为 1,不能是 {workers}")
        )
    with _OPENERS[executor](workers) as pair:
        yield pair


@contextmanager
def _threads(workers: int | None) -> Iterator[tuple[Executor, int]]:
    count = workers or os.cpu_count() or 1
    with ThreadPoolExecutor(count, thread_name_prefix="procflow") as pool:
        yield pool, 2 * count


@contextmanager
def _processes(workers: int | None) -> Iterator[tuple[Executor, int]]:
    count = workers or os.cpu_count() or 1
    # spawned: a forked copy of a program with threads may hang
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, spawn, initializer=_serve) as pool:
        yield pool, 2 * count


def _serve() -> None:
    """Let Ctrl-C, which a terminal sends to all, stop the program that waits and not its worker; but end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: killed, it tells nobody, and its workers would wait on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _dask(workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Open the cluster that Dask's settings name (DASK_SCHEDULER_ADDRESS), or one of local processes."""
    dask, distributed = _package("dask"), _package("distributed", extra="dask")
    if dask.config.get("scheduler-address", None):
        with distributed.Client() as client:
            yield client.get_executor(), IN_FLIGHT
        return
    count = workers or os.cpu_count() or 1
    with (
        distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.ERROR
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor(), IN_FLIGHT


@contextmanager
def _ray(workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Open the cluster that Ray's settings name (RAY_ADDRESS), or one of local processes."""
    ray = _package("ray")
    if ray.is_initialized():
        yield RayExecutor(), IN_FLIGHT
        return
    local = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "include_dashboard": False}
    ray.init(log_to_driver=False, **local)
    try:
        yield RayExecutor(), IN_FLIGHT
    finally:
        ray.shutdown()


class RayExecutor:
    """Runs functions as tasks of the Ray cluster that the program is connected to (``ray.init``)."""

    def __init__(self) -> None:
        self._task = _package("ray").remote(_called)

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Start ``fn(*args)`` as a task, and return its future."""
        future: Future[Any] = self._task.remote(fn, *args).future()
        return future

    def map(self, fn: Callable[..., Any], /, *iterables: Any) -> Iterator[Any]:
        """Yield ``fn`` of the elements of each of the iterables, in order, as ``map`` does."""
        futures = [self.submit(fn, *args) for args in zip(*iterables, strict=False)]
        return (future.result() for future in futures)


def _called(fn: Callable[..., Any], *args: Any) -> Any:
    """Call any function: Ray takes those written in Python only, and not those of C, as its tasks."""
    return fn(*args)


def _package(name: str, extra: str | None = None) -> Any:
    """Import an optional package; raise SimulationError that says how to install it where it is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        extra = extra or name
        raise SimulationError(
            Text(
                en=f"{name} is not installed: pip install 'procflow[{extra}]'",
                zh=f"尚未安装 {name}:请执行 pip install 'procflow[{extra}]'",
            )
        ) from error


_OPENERS: Final = {"threads": _threads, "processes": _processes, "dask": _dask, "ray": _ray}
