"""Stops one thread of another process until a line comes by standard input or that is closed (`freeze`), or ends it (`end`): no
destructor of it runs and nobody is told. Usage: thread.py freeze|end THREAD. Needs Linux, and for `end` x86_64."""

import ctypes
import os
import sys

GETREGS, SETREGS, DETACH, SEIZE, INTERRUPT = 12, 13, 17, 0x4206, 0x4207
WALL = 0x40000000
# Of x86_64's registers, in the order of `struct user_regs_struct`.
REGISTERS, RAX, RDI, ORIG_RAX, RIP = 27, 10, 14, 15, 16
NOT_IN_A_CALL = 2**64 - 1
EXIT = 60

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, thread, data=None):
    if libc.ptrace(request, thread, None, data) == -1:
        sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")


what, thread = sys.argv[1], int(sys.argv[2])
ptrace(SEIZE, thread)
ptrace(INTERRUPT, thread)
os.waitpid(thread, WALL)
if what == "end":
    # It waits in a system call, whose instruction is taken once more: as the end of this thread alone.
    registers = (ctypes.c_ulonglong * REGISTERS)()
    ptrace(GETREGS, thread, ctypes.byref(registers))
    if registers[ORIG_RAX] == NOT_IN_A_CALL:
        sys.exit("busy")
    registers[ORIG_RAX], registers[RAX], registers[RDI] = NOT_IN_A_CALL, EXIT, 0
    registers[RIP] -= 2
    ptrace(SETREGS, thread, ctypes.byref(registers))
    ptrace(DETACH, thread)
print("done", flush=True)
if what == "freeze":
    sys.stdin.readline()
    ptrace(DETACH, thread)
