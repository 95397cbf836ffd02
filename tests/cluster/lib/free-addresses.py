#!/usr/bin/env python3
"""Prints, as shell assignments, free loopback ports and a free private network."""

import random
import socket

NAMES = [
    "API_PORT", "ETCD_PORT", "ETCD_PEER_PORT", "CONTROLLER_PORT", "SCHEDULER_PORT", "KWOK_PORT",
    "KUBELET_PORT", "KUBELET_HEALTH_PORT", "PROXY_HEALTH_PORT", "PROXY_METRICS_PORT",
]  # fmt: skip


def free_ports(count):
    """Below the range of outgoing connections (32768 and up): one of those could
    take the port while its process is being restarted."""
    held = []
    for port in random.sample(range(20000, 32000), 2000):
        listener = socket.socket()
        try:
            listener.bind(("0.0.0.0", port))
        except OSError:
            continue
        held.append((port, listener))
        if len(held) == count:
            return [port for port, _ in held]
    raise SystemExit("no free ports between 20000 and 32000")


def free_network():
    """The first two numbers of a 10.x.0.0/16 to which this machine has no route."""
    taken = set()
    with open("/proc/net/route") as table:
        for line in table.readlines()[1:]:
            _, destination, *_ = line.split()
            octets = int(destination, 16).to_bytes(4, "little")
            if octets[0] == 10:
                taken.add(octets[1])
    for second in (217, 198, 171, 144, 123, 91):
        if second not in taken:
            return f"10.{second}"
    raise SystemExit("this machine has routes to all of the candidate networks in 10.0.0.0/8")


for name, port in zip(NAMES, free_ports(len(NAMES))):
    print(f"{name}={port}")
print(f"NETWORK={free_network()}")
