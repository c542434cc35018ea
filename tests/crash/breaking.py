"""Break a command at each of its system calls that change the disk, let recovery run, and judge the whole tree."""

import collections
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPOSITORY, "tests", "vm"))

from tap import Tap  # noqa: E402  (the project's TAP producer, shared with the other tests)

BUILD = os.path.join(REPOSITORY, os.environ.get("B", "build"))
FAULTLINE = os.environ.get("FAULTLINE", os.path.join(BUILD, "tests", "faultline"))
CRASH_APPLY = os.environ.get("CRASH_APPLY", os.path.join(BUILD, "tests", "crash-apply"))
MODES = (["kill-before"], ["kill-after"], ["fail", "ENOSPC"], ["fail", "EIO"], ["fail", "EROFS"])
KILLS = MODES[:2]
STATE = "var/lib/reset-identity"
KILLED = 137
LONG_AGO = 1_000_000_000
RECENT = 1_500_000_000

# What a tree holds when all is well: its files, and the numbers of the closed runs.
End = collections.namedtuple("End", "name files runs")


def describe(path):
    info = os.lstat(path)
    content = time = None
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            content = file.read()
        time = info.st_mtime_ns if info.st_mtime < RECENT else "now"
    elif stat.S_ISLNK(info.st_mode):
        content = os.readlink(path)
    attributes = tuple((name, os.getxattr(path, name, follow_symlinks=False))
                       for name in sorted(os.listxattr(path, follow_symlinks=False)))
    return (oct(info.st_mode), info.st_uid, info.st_gid, time, attributes, content)


def snapshot(root):
    """Everything but the history, which has rules of its own."""
    found = {}
    for directory, directories, files in os.walk(root):
        for name in directories + files:
            path = os.path.join(directory, name)
            relative = os.path.relpath(path, root)
            if not (relative + "/").startswith(f"{STATE}/history/"):
                found[relative] = describe(path)
    return found


def difference(expected, found):
    return "\n".join(f"{path}: expected {expected.get(path)}, found {found.get(path)}"
                     for path in sorted(set(expected) | set(found)) if expected.get(path) != found.get(path))


# What was replaced for good: no closed run may hold it.
OLD_SECRETS = []


def kept_secrets(entry):
    for name in sorted(os.listdir(os.path.join(entry, "old"))):
        path = os.path.join(entry, "old", name)
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as file:
                if file.read() in OLD_SECRETS:
                    yield f"{path} is an old secret"


def history(root):
    """(numbers, complaints) of the closed runs."""
    base = os.path.join(root, STATE, "history")
    names = sorted(os.listdir(base)) if os.path.isdir(base) else []
    complaints = []
    for name in names:
        entry = os.path.join(base, name)
        if not name.isdigit() or sorted(set(os.listdir(entry)) - {"done"}) != ["manifest", "old"]:
            complaints.append(f"history/{name} holds {os.listdir(entry)}")
        else:
            complaints.extend(kept_secrets(entry))
    return sorted(int(name) for name in names if name.isdigit()), complaints


def run(arguments):
    result = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False, timeout=120)
    return result.returncode, result.stdout.decode("utf-8", "replace")


def faultline(root, mode, command, report=None):
    options = [f"--below={root}"] + ([f"--report={report}"] if report else [])
    return run([FAULTLINE, *options, *mode, *command])


def reported(root, mode, command):
    report = root + ".report"
    status, output = faultline(root, [mode], command, report)
    with open(report, encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()
    os.unlink(report)
    return status, output, lines


def counted(root, command):
    status, output, lines = reported(root, "count", command)
    return status, output, int(lines[0])


def logged(root, command):
    """[(number, name of the call, paths)]"""
    status, output, lines = reported(root, "log", command)
    if status != 0:
        raise RuntimeError(f"{command} fails without any fault: {output}")
    calls = [line.split(" ", 2) for line in lines]
    return [(int(number), name, paths.replace(root, "")) for number, name, paths in calls]


def find(calls, name, text, which=0):
    found = [number for number, call, paths in calls if call == name and text in paths]
    if not found:
        raise RuntimeError(f"no {name} of {text} in {calls}")
    return found[which]


class Scenario:
    """A starting state, a command to break, and the ends that are right afterwards.

    prepare(top) makes the tree below top/root. command(top) is what is broken. ends(status) are the Ends that are right
    for an exit status. normalise(files), where given, makes what is random comparable. afterwards(top), where given,
    is a last look that returns what is wrong, or None. recover(top) is what the next boot does."""

    def __init__(self, name, prepare, command, ends, normalise=None, afterwards=None, recover=None):
        self.name = name
        self.prepare = prepare
        self.command = command
        self.ends = ends
        self.normalise = normalise
        self.afterwards = afterwards
        self.recover = recover or recover_command

    def end(self, name, top):
        files = snapshot(os.path.join(top, "root"))
        return End(name, self.normalise(files) if self.normalise else files, history(os.path.join(top, "root"))[0])


class Workshop:
    """Trees come and go below one directory, in memory where that has extended attributes (tmpfs since 6.6)."""

    base = None

    @classmethod
    def open(cls):
        for directory in ("/dev/shm", None):
            base = tempfile.mkdtemp(prefix="reset-identity-crash-", dir=directory)
            try:
                os.setxattr(base, "user.crash-test", b"")
                cls.base = base
                return True
            except OSError:
                os.rmdir(base)
        return False

    @classmethod
    def close(cls):
        shutil.rmtree(cls.base, ignore_errors=True)

    def __init__(self, prepare):
        self.prepare = prepare

    def __enter__(self):
        self.top = tempfile.mkdtemp(dir=self.base)
        self.prepare(self.top)
        return self.top

    def __exit__(self, *_):
        shutil.rmtree(self.top, ignore_errors=True)


def recover_command(top):
    return [CRASH_APPLY, os.path.join(top, "root"), "recover"]


def judge(scenario, top, ends):
    """None, or what is wrong with the tree."""
    found = scenario.end("what is there", top)
    _, complaints = history(os.path.join(top, "root"))
    if complaints:
        return "\n".join(complaints)
    if any(found.files == end.files and found.runs == end.runs for end in ends):
        return None
    return "\n".join(f"it is not {end.name}: runs {found.runs}, not {end.runs}; "
                     f"{difference(end.files, found.files)[:1500]}" for end in ends)


def check_broken(scenario, mode, top):
    root = os.path.join(top, "root")
    status, output = faultline(root, mode, scenario.command(top))
    if mode[0] != "fail" and status != KILLED:
        return f"it was not killed: exit status {status}: {output}"
    recovered, message = run(scenario.recover(top))
    if recovered != 0:
        return f"ended with {status} {output}; recovery fails: {message}"
    wrong = judge(scenario, top, scenario.ends(status))
    if wrong:
        return f"ended with {status} {output}; {wrong}"
    _, _, count = counted(root, scenario.recover(top))
    if count:
        return f"a second recovery makes {count} changes"
    return scenario.afterwards(top) if scenario.afterwards else None


def check(job):
    """Break one call, recover, judge, recover again: nothing may change any more."""
    scenario, mode, number = job
    broken = [mode[0], str(number), *mode[1:]]
    try:
        with Workshop(scenario.prepare) as top:
            wrong = check_broken(scenario, broken, top)
    except subprocess.TimeoutExpired:
        wrong = "it hangs"
    return f"{scenario.name}, {' '.join(broken)}: {wrong}" if wrong else None


# The workers are forked when the scenario is known, so that it need not be pickled.
CURRENT = None


def check_current(job):
    return check((CURRENT, *job))


def explore(tap, scenario, modes):
    global CURRENT
    with Workshop(scenario.prepare) as top:
        status, output, count = counted(os.path.join(top, "root"), scenario.command(top))
        wrong = judge(scenario, top, scenario.ends(0)) if status == 0 else f"exit status {status}: {output}"
    tap.ok(not wrong and count > 0, f"{scenario.name}: ends right when nothing happens ({count} calls)", str(wrong))
    CURRENT = scenario
    with multiprocessing.Pool(os.cpu_count() or 2) as pool:
        for mode in modes:
            jobs = [(mode, number) for number in range(1, count + 1)]
            problems = [problem for problem in pool.imap_unordered(check_current, jobs, 4) if problem]
            tap.ok(not problems, f"{scenario.name}: whole after {' '.join(mode)} at each of {count} calls",
                   *problems[:5], f"{len(problems)} problems")


def main(tests):
    """Run tests(tap) where that is possible at all."""
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root: owners are part of what must come back")
        return
    if not Workshop.open():
        print("1..0 # SKIP no file system here keeps extended attributes")
        return
    os.umask(0o022)
    try:
        with Tap() as tap:
            tests(tap)
    finally:
        Workshop.close()
