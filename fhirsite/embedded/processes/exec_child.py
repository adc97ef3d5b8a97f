"""Turns a fresh process into one of ours: `python exec_child.py PARENT UID GID SIGNAL COMMAND…`.

Run as a script by `children.py`, because none of this may be done between fork and exec of a
process that has threads: give up root, ask the kernel for SIGNAL when the parent dies (after
giving up root, which would clear the wish), close files to others, become the command.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _main(parent: int, uid: int, gid: int, signal: int, command: list[str]) -> None:
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it died before the wish was made
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
