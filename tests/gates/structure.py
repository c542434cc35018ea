#!/usr/bin/python3
"""What the tree promises its readers: its top level, rooms in one order, no circles between files, a first line that says what it is."""

import os
import re
import subprocess
import sys

ROOMS = "base observe decide profiles plan commit system network cli".split()
TOP = "Makefile LICENSE README.md agent conf units tests packaging".split()


def strangers():
    """What git has, or would add, at the top and is no room of the project: dot files may be there."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "-z", "--exclude-standard"], text=True).split("\0")
    names = {name.split("/")[0] for name in listed if name and os.path.lexists(name)}
    return sorted(name for name in names if name not in TOP and not name.startswith("."))


def sources():
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "agent"], text=True).split()
    return [name for name in listed if name.endswith((".c", ".h")) and os.path.exists(name)]


def room(name):
    return name.split("/")[1]


def includes(name, known):
    for wanted in re.findall(r'^#include "([^"]+)"', open(name).read(), re.M):
        beside = os.path.normpath(os.path.join(os.path.dirname(name), wanted))
        yield beside if beside in known else os.path.join("agent", wanted)


def circles(graph):
    """Tarjan's components of more than one file."""
    number, low, stack, found = {}, {}, [], []

    def visit(node):
        number[node] = low[node] = len(number)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in number:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == number[node]:
            component = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in number:
            visit(node)
    return found


def compared_times(name):
    """A time is over only for who has looked behind it: base/deadline.h."""
    return re.findall(r"g_get_monotonic_time\(\) *[<>]=? *\w+|\w+ *[<>]=? *g_get_monotonic_time\(\)", open(name).read())


def main():
    wrong = [f"{name}: stands at the top level, which has {' '.join(TOP)} and dot files" for name in strangers()]
    known = set(sources())
    graph = {}
    for name in sorted(known):
        if not open(name).read().startswith(f"/* {os.path.basename(name)} - "):
            wrong.append(f"{name}: does not begin with a line that says what it is")
        wrong += [f"{name}: {found}: a deadline is base/deadline.h's" for found in compared_times(name)]
        for other in includes(name, known):
            if other not in known:
                wrong.append(f"{name}: includes {other}, which is not there")
                continue
            if ROOMS.index(room(name)) < ROOMS.index(room(other)):
                wrong.append(f"{name}: includes {other}, a later room")
            # A source and its header are one file to a reader.
            if name[:-2] != other[:-2]:
                graph.setdefault(name[:-2], set()).add(other[:-2])
    for component in circles(graph):
        wrong.append("a circle: " + " ".join(component))
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main())
