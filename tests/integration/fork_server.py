"""Runs commands of ``darkroom`` in processes of their own that need not import it again.

The imports are most of a command's processor time. This program has done them, and forks for each
line of its input: JSON with the arguments, the folder, the environment, and the files that are the
three standard streams. It prints the exit code.
"""

import json
import os
import sys

from darkroom.cli import main

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        arguments, folder, environment, streams = json.loads(line)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        for number, file in enumerate(streams):
            os.dup2(os.open(file, os.O_RDWR), number)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.argv = ["darkroom", *arguments]
        main()
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201
