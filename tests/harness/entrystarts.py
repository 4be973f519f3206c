# SPDX-License-Identifier: MIT
"""Where the symbolic paths of harness/entrycfi.py begin: what each register holds there, and which
of them may have become something else on the way."""

GENERAL = ["rdi", "rsi", "rdx", "rcx", "rax", "r8", "r9", "r10", "r11", "rbx", "rbp", "r12", "r13",
           "r14", "r15"]
PRESERVED = {"rbx", "rbp", "rsp", "r12", "r13", "r14", "r15"}
WITH_CODE = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30}
# struct pt_regs, from its end downwards
FRAME = ["ss", "rsp", "rflags", "cs", "rip", None, *GENERAL]
WHOLE = {name: whole for whole, names in {
    "rax": "eax ax al", "rbx": "ebx bx bl", "rcx": "ecx cx cl", "rdx": "edx dx dl",
    "rsi": "esi si sil", "rdi": "edi di dil", "rbp": "ebp", "rsp": "esp",
    **{f"r{n}": f"r{n}d" for n in range(8, 16)}}.items() for name in names.split()}

# Where the registers below may differ from what was interrupted:
# what else may be found, None for anything.
RETURNED = ("returned", 0)              # by C
# the system call's number, or what will be its result
RESULT = {("in", "rax"), ("is", -38), RETURNED}
DIFFERENT = {
    "SYSCALL": {"rax": RESULT, "rcx": {("in", "rip")}, "r11": {("in", "rflags")}, "cs": None,
                "ss": None},
    "INT80": {"rax": RESULT},
    # The frame is made to look like INT 0x80 in the vDSO, RIP too.  R8-R15 do not exist there.
    "32": {"rax": RESULT, "rcx": None, "rbp": None, "rip": None, "cs": None, "ss": None,
           **{f"r{n}": None for n in range(8, 16)}},
    "function": {**{name: None for name in GENERAL if name not in PRESERVED},
                 "rsp": {("at", "stack", 0)}},
}


def interrupted():
    return {name: ("in", name) for name in [*GENERAL, "rsp", "rflags", "cs", "ss"]}


def pushed(names):
    return {("stack", -8 * (i + 1)): ("in", name) if name else None for i, name in enumerate(names)}


def starts(image):
    """Where paths begin, with what the CPU, C or the hardware below left there."""
    symbols, plain = image.symbols, interrupted()

    def state(at, kind, words=(), **registers):
        rsp = ("at", "stack", -8 * len(words))
        return at, kind, {**plain, "rsp": rsp, **registers}, pushed(words)

    for name, kind in (("entry_SYSCALL_64", "SYSCALL"), ("entry_SYSCALL_compat", "32")):
        yield state(symbols[name], kind, rsp=("in", "rsp"), rcx=("in", "rip"), r11=("in", "rflags"))
    yield state(symbols["entry_SYSENTER"], "32", rsp=("at", "#DF", 0), rbp=("in", "rsp"))
    for vector in range(256):
        kind = "INT80" if vector == 0x80 else "gate"
        words = FRAME[:6 if vector in WITH_CODE else 5]
        yield state(image.quad(symbols["entry_vectors"] + 8 * vector), kind, words)
        if vector < 32:
            yield state(image.quad(symbols["entry_early_vectors"] + 8 * vector), kind, words)
    # Its five words are the copy that it will make again.
    yield state(symbols["nmi_repeat"], "gate", FRAME[:5])
    yield state(symbols["entry_first_run"], "gate", FRAME, **{name: None for name in GENERAL})
    for name in ("load_user_segments", "load_gs_index"):
        yield state(symbols[name], "function", ["rip"])
    # From a thread to itself: what it saves is what it loads.
    yield state(symbols["switch_to"], "function", ["rip"], rdi=("in", "rsi"))
