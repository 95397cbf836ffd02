#!/usr/bin/env python3
"""Writes a container image as a docker-archive, from files, without a registry.

    archive.py OUT NAME:TAG [--link PATH=TARGET]… [--user N] --entrypoint PATH FILE=PATH…

Each FILE becomes PATH in the image, executable; each link a symbolic link. The
same input makes the same bytes, so that an unchanged image is not imported again.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import tarfile


def entry(name, mode, kind=tarfile.REGTYPE, size=0, target=""):
    info = tarfile.TarInfo(name.lstrip("/"))
    info.mode, info.type, info.size, info.linkname = mode, kind, size, target
    return info


def layer(files, links):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        folders = {"/tmp"}
        for path in [*files.values(), *links]:
            while (path := os.path.dirname(path)) != "/":
                folders.add(path)
        for folder in sorted(folders):
            tar.addfile(entry(folder, 0o1777 if folder == "/tmp" else 0o755, tarfile.DIRTYPE))
        for source, path in files.items():
            with open(source, "rb") as content:
                tar.addfile(entry(path, 0o755, size=os.path.getsize(source)), content)
        for path, target in links.items():
            tar.addfile(entry(path, 0o777, tarfile.SYMTYPE, target=target))
    return out.getvalue()


def pair(text):
    first, separator, second = text.partition("=")
    if not separator or not second.startswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form X=/PATH")
    return first, second


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out")
    options.add_argument("name")
    options.add_argument("files", nargs="+", type=pair)
    options.add_argument("--link", action="append", default=[], type=pair)
    options.add_argument("--user", default="65532")
    options.add_argument("--entrypoint", required=True)
    options = options.parse_args()

    rootfs = layer(dict(options.files), dict(options.link))
    config = json.dumps({
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {
            "Entrypoint": [options.entrypoint],
            "Env": ["PATH=/usr/bin:/bin"],
            "User": options.user,
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(rootfs).hexdigest()]},
        "history": [{"created_by": "archive.py"}],
    }).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": [options.name], "Layers": ["layer.tar"]}]).encode()

    with tarfile.open(options.out + ".new", "w") as tar:
        for path, content in (("layer.tar", rootfs), (name, config), ("manifest.json", manifest)):
            tar.addfile(entry(path, 0o644, size=len(content)), io.BytesIO(content))
    os.replace(options.out + ".new", options.out)


main()
