"""Supervisor process: starts a function's runtime and kills all of its processes at the end.

It runs as a program: ``python -I -S supervisor.py`` imports only a few standard modules and adds
about 20 ms to a cold start. A separate process is needed because LocalStack may be killed at any
moment (``kill -9``), and the function's processes must end even then.

Protocol
--------
* **stdin** carries one line of JSON, the launch specification (``LaunchSpec`` in
  ``runtime_process``). After that it is a lifeline: only LocalStack holds its other end, so an end
  of file means that LocalStack closed it or died, and the runtime must end. A ``k`` before the end
  of file means "keep the folder".
* **stdout** carries lines of JSON: ``{"pid": …}`` as soon as the runtime runs, and
  ``{"status": …}``, a wait status, when the runtime exits.
* After either event the supervisor kills all of its descendants. It is a child subreaper, so this
  includes orphans and processes that left the runtime's process group. After reporting a status it
  waits for the end of the lifeline, because only its last data says whether to remove the folder.
"""

import ctypes
import json
import os
import select
import signal
import stat
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
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


class MountNamespace:
    """A mount namespace for this process tree: a private ``/tmp``, and read-only code and layers.

    The environment's folder is mounted over ``/tmp``. Code and layers are mounted again at their
    paths, read-only. The same holds for the interpreter if it is below the system's ``/tmp``: a
    function that empties its ``/tmp`` can't delete it.
    """

    def __init__(
        self, libc: ctypes.CDLL, folder: str, visible: list[str], read_only: list[str]
    ) -> None:
        self._libc = libc
        self._folder = folder
        self._tmp = os.path.realpath("/tmp")
        mounts = [*read_only, *filter(self._is_in_tmp, visible)]
        self._mounts = [
            path
            for path in dict.fromkeys(mounts)
            if not any(path.startswith(other + "/") for other in mounts)
        ]

    def enter(self) -> None:
        """Move this process into the namespace; raise OSError where the kernel forbids it."""
        self._unshare()
        self._mount(None, "/", MS_REC | MS_PRIVATE)

    def mount(self) -> None:
        """Mount the folders in the namespace."""
        mounts = [(path, os.open(path, os.O_PATH)) for path in self._mounts]
        for path in filter(self._is_in_tmp, self._mounts):
            os.makedirs(self._folder + path[len(self._tmp) :], exist_ok=True)
        self._mount(self._folder, self._tmp, MS_BIND)
        for path, descriptor in mounts:
            self._mount(f"/proc/self/fd/{descriptor}", path, MS_BIND | MS_REC)
            os.close(descriptor)
            # A user namespace must not clear flags of the mount below.
            flags = os.statvfs(path).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
            self._mount(None, path, MS_BIND | MS_REMOUNT | MS_RDONLY | flags)

    def _is_in_tmp(self, path: str) -> bool:
        return path.startswith(self._tmp + "/")

    @staticmethod
    def _unshare() -> None:
        if os.getuid() == 0:
            os.unshare(os.CLONE_NEWNS)
            return
        # Without root, a user namespace grants the right to mount inside it.
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


def read_launch_spec() -> dict:  # type: ignore[type-arg]
    """Return the launch specification: one line of JSON on stdin."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(LIFELINE, 65536)
        if not part:
            sys.exit(0)
        line += part
    return json.loads(line)  # type: ignore[no-any-return]


def report(**fact: object) -> None:
    """Send a line of JSON to LocalStack; ignore that LocalStack may be gone."""
    try:
        os.write(REPORTS, json.dumps(fact).encode() + b"\n")
    except OSError:
        pass


def start_runtime(spec: dict, libc: ctypes.CDLL) -> int:  # type: ignore[type-arg]
    """Fork and execute the runtime in a session of its own; return its process id."""
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(1)  # the supervisor died before prctl was called
        log = os.open(spec["log"], os.O_WRONLY | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored, signal.SIG_DFL)  # Python ignores them, and exec keeps that
        set_up_folders(spec, libc)
        os.chdir(spec["cwd"])
        os.execve(spec["argv"][0], spec["argv"], spec["env"])  # noqa: S606
    except OSError as error:
        os.write(2, f"The runtime could not be started: {error}\n".encode())
    os._exit(127)


def set_up_folders(spec: dict, libc: ctypes.CDLL) -> None:  # type: ignore[type-arg]
    """Make /tmp private, and code and layers read-only.

    Where the kernel forbids mounts, TMPDIR is a private folder, and the code cache's folders lose
    their write permission.
    """
    env = spec["env"]
    namespace = MountNamespace(libc, spec["tmp"], spec["visible"], spec["read_only"])
    try:
        namespace.enter()
    except OSError:
        env.setdefault("TMPDIR", spec["tmp"])
        env.setdefault("HOME", spec["tmp"])
        for tree in spec["cached"]:
            remove_write_permission(tree)
            # Permissions don't bind root while it has this capability.
            libc.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
    else:
        namespace.mount()
        env.setdefault("HOME", "/tmp")


def remove_write_permission(tree: str) -> None:
    """Remove the write permission of all files and folders of a tree, unless that is done."""
    if not os.stat(tree).st_mode & 0o222:
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for path in (*(os.path.join(folder, name) for name in files), folder):
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(path, stat.S_IMODE(mode) & ~0o222)


def wait_for_end(runtime: int, wakeup: int) -> int | None:
    """Wait until the runtime or the lifeline ends; return the runtime's wait status, or None."""
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


def read_final_command() -> bytes:
    """Return what LocalStack writes before it closes the lifeline."""
    command = b""
    while part := os.read(LIFELINE, 16):
        command += part
    return command


def kill_everything() -> None:
    """Kill and reap all descendants of this process."""
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
    """Run one runtime, and kill all of its processes at the end."""
    spec = read_launch_spec()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    signal.set_wakeup_fd(alarm)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    runtime = start_runtime(spec, libc)
    report(pid=runtime)
    status = wait_for_end(runtime, wakeup)
    kill_everything()
    if status is not None:
        report(status=status)
    if b"k" not in read_final_command():
        import shutil

        shutil.rmtree(spec["folder"], ignore_errors=True)


if __name__ == "__main__":
    main()
