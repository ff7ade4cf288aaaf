"""The process between LocalStack and a function's runtime. Run as a program of its own.

``python -I -S supervisor.py`` imports a few standard modules only, so that it costs a cold start
about 20 ms. It exists because LocalStack may vanish at any moment (``kill -9``), and then nobody
else would be left to end what the function started.

Protocol
--------
* **stdin** brings one line of JSON, the order (see ``Order`` in ``incarnation``), and is then a
  lifeline: LocalStack alone holds its other end, so its end of file means "end the runtime", be it
  that LocalStack closed it or that LocalStack died. A ``k`` before the end says "keep the folder".
* **stdout** answers with lines of JSON: ``{"pid": …}`` as soon as the runtime runs, and
  ``{"status": …}``, a wait status, when the runtime ended by itself.
* Whichever happens first, everything below this process is then killed, including what left the
  runtime's process group or was orphaned: this process is a child subreaper. After a status it
  waits for the end of the lifeline, which alone tells whether the folder is still wanted.
"""

import ctypes
import json
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
LIFELINE, REPORTS = 0, 1


def descendants(pid: int) -> list[int]:
    """Return the process ids of everything below ``pid``, parents before their children."""
    below: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return below
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children = [int(child) for child in file.read().split()]
        except OSError:
            continue
        for child in children:
            below += [child, *descendants(child)]
    return below


class PrivateTmp:
    """A ``/tmp`` of the function's own, by a mount namespace that only this process tree is in.

    The environment's folder is mounted over ``/tmp``. What lies under the system's ``/tmp`` and
    is needed all the same (code, layers, interpreter) is mounted again at its place, read-only, so
    that a function that empties its ``/tmp`` can't delete it.
    """

    def __init__(self, libc: ctypes.CDLL, folder: str, visible: list[str]) -> None:
        self._libc = libc
        self._folder = folder
        self._tmp = os.path.realpath("/tmp")
        self._visible = [path for path in visible if path.startswith(self._tmp + "/")]

    def enter(self) -> None:
        """Move this process into the namespace; raise OSError where the kernel forbids it."""
        self._unshare()
        self._mount(None, "/", MS_REC | MS_PRIVATE)
        places = [
            (path, os.open(path, os.O_PATH))
            for path in self._visible
            if not any(path.startswith(other + "/") for other in self._visible)
        ]
        for path, _ in places:
            os.makedirs(self._folder + path[len(self._tmp) :], exist_ok=True)
        self._mount(self._folder, self._tmp, MS_BIND)
        for path, place in places:
            self._mount(f"/proc/self/fd/{place}", path, MS_BIND | MS_REC)
            os.close(place)
            try:
                self._mount(None, path, MS_BIND | MS_REMOUNT | MS_RDONLY)
            except OSError:
                pass  # a user namespace may not drop the flags of the mount below: stay writable

    @staticmethod
    def _unshare() -> None:
        if os.getuid() == 0:
            os.unshare(os.CLONE_NEWNS)
            return
        # Not root: a user namespace grants the right to mount, inside it and nowhere else.
        uid, gid = os.getuid(), os.getgid()
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNS)
        for name, line in (
            ("setgroups", b"deny"),
            ("uid_map", b"%d %d 1" % (uid, uid)),
            ("gid_map", b"%d %d 1" % (gid, gid)),
        ):
            with open(f"/proc/self/{name}", "wb") as file:
                file.write(line)

    def _mount(self, source: str | None, target: str, flags: int) -> None:
        what = source.encode() if source else b"none"
        if self._libc.mount(what, target.encode(), None, ctypes.c_ulong(flags), None) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), target)


def read_order() -> dict:  # type: ignore[type-arg]
    """Read the one line that says what to run."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(LIFELINE, 65536)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)  # type: ignore[no-any-return]


def report(**fact: object) -> None:
    """Tell LocalStack a fact; it may be gone."""
    try:
        os.write(REPORTS, json.dumps(fact).encode() + b"\n")
    except OSError:
        pass


def start_runtime(order: dict, libc: ctypes.CDLL) -> int:  # type: ignore[type-arg]
    """Fork and execute the runtime in a session of its own; return its process id."""
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(1)  # it died before the line above could help
        log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored, signal.SIG_DFL)  # Python ignores them, and exec would pass it on
        give_tmp(order, libc)
        os.chdir(order["cwd"])
        os.execve(order["argv"][0], order["argv"], order["env"])  # noqa: S606
    except OSError as error:
        os.write(2, f"The runtime could not be started: {error}\n".encode())
    os._exit(127)


def give_tmp(order: dict, libc: ctypes.CDLL) -> None:  # type: ignore[type-arg]
    """Make /tmp private, or point at a private folder by TMPDIR where the kernel forbids it."""
    env, home = order["env"], "/tmp"
    try:
        PrivateTmp(libc, order["tmp"], order["visible"]).enter()
    except OSError:
        home = order["tmp"]
        env.setdefault("TMPDIR", home)
    env.setdefault("HOME", home)


def wait_for_end(runtime: int, wakeup: int) -> int | None:
    """Wait until the runtime or the lifeline ends; return the runtime's status if it was that."""
    poller = select.poll()
    poller.register(LIFELINE, select.POLLIN)
    poller.register(wakeup, select.POLLIN)
    while True:
        ready = [fd for fd, _ in poller.poll()]
        if LIFELINE in ready:
            return None
        os.read(wakeup, 512)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == runtime:
                return status
            if pid == 0:
                break


def read_last_words() -> bytes:
    """Read what LocalStack says before it lets go of the lifeline."""
    words = b""
    while word := os.read(LIFELINE, 16):
        words += word
    return words


def kill_everything() -> None:
    """Kill and reap all that is left below this process."""
    while True:
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def main() -> None:
    """Run one runtime from its start to the death of all that it started."""
    order = read_order()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    runtime = start_runtime(order, libc)
    report(pid=runtime)
    status = wait_for_end(runtime, wakeup)
    kill_everything()
    if status is not None:
        report(status=status)
    if b"k" not in read_last_words():
        import shutil

        shutil.rmtree(order["folder"], ignore_errors=True)


if __name__ == "__main__":
    main()
