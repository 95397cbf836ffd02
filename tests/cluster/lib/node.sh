# The node: containerd, kubelet and kube-proxy, with what they need of this
# machine (a bridge, cgroups, iptables chains, mounts), and how all of it goes
# away again. Sourced by `up` and `down` after control-plane.sh; needs root.
# shellcheck shell=bash

BRIDGE=firstlight0
CGROUP=firstlight-test
CONTAINERD_SOCKET=$RUN/containerd.sock

containers() { ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io "$@"; }

# --- this machine -----------------------------------------------------------

# kube-proxy's chains and the bridge exist once per machine. The bridge says
# whose they are; without it, chains are those of somebody else's Kubernetes.
check_machine_is_free() {
    local owner
    if [[ -r /sys/class/net/$BRIDGE/ifalias ]]; then
        owner=$(<"/sys/class/net/$BRIDGE/ifalias")
        if [[ $owner == "$CLUSTER_DIR" && -f $RUN/has-node ]]; then
            return
        elif nothing_from processes_naming "$(run_folder_of "$owner")/"; then
            step "leftovers of a dead node removed" "$LOG/up.log" remove_leftovers_of "$owner"
        elif [[ $owner != "$CLUSTER_DIR" ]]; then
            die "the cluster of $owner has a node already, and a machine can hold one: CLUSTER_DIR='$owner' tests/cluster/down"
        fi
    elif { iptables-save && ip6tables-save; } 2>/dev/null | grep -q '^:KUBE-SERVICES '; then
        die "this machine runs another Kubernetes (there are its iptables chains); a test node would break it"
    fi
}

processes_naming() {
    local folder
    for folder in /proc/[0-9]*; do
        { [[ $(tr '\0' ' ' <"$folder/cmdline") != *"$1"* ]] || printf '%s\n' "${folder##*/}"; } 2>/dev/null
    done
}

# A node whose processes were killed, or its folder removed, keeps the machine
# for itself no longer: nobody may be left to run `down` for it.
remove_leftovers_of() {
    [[ $1 == "$CLUSTER_DIR" || ! -d $1 ]] || CLUSTER_DIR=$1 "$HERE/down" 8>&- 9>&-
    wait_until 20 "the pods' processes to end" kill_all_from processes_of_pods
    wait_until 20 "the node's cgroups to go" remove_cgroups
    remove_network
}

# What kubelet, kube-proxy and the bridge plugin change, to be put back.
SYSCTLS=(net.ipv4.ip_forward net.ipv4.conf.all.route_localnet vm.overcommit_memory vm.panic_on_oom
    kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

remember_sysctls() {
    [[ -f $RUN/sysctls ]] && return
    sysctl --ignore "${SYSCTLS[@]}" >"$RUN/sysctls.new"
    mv "$RUN/sysctls.new" "$RUN/sysctls"
}

make_bridge() {
    ip link show dev "$BRIDGE" >/dev/null 2>&1 || ip link add name "$BRIDGE" type bridge
    ip link set dev "$BRIDGE" alias "$CLUSTER_DIR"
    ip address replace "$NODE_IP/24" dev "$BRIDGE"
    ip link set dev "$BRIDGE" up
    # So that this machine, too, reaches services: without a route out, or with one
    # that refuses the address, a packet never gets as far as its translation.
    ip route replace "$SERVICE_CIDR" dev "$BRIDGE"
    sysctl --quiet net.ipv4.ip_forward=1
    # Where another program (a container engine, say) drops forwarded packets.
    iptables --check FORWARD --in-interface "$BRIDGE" --jump ACCEPT 2>/dev/null ||
        iptables --insert FORWARD --in-interface "$BRIDGE" --jump ACCEPT
}

# With cgroups v1 there is a hierarchy per controller.
cgroup_folders() {
    if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
        printf '%s\n' /sys/fs/cgroup
    else
        find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
    fi
}

# Pods hang below a cgroup of our own: kubelet ends whatever it does not know
# below its root, and `down` finds all of the pods' processes there.
make_cgroups() {
    local folder
    for folder in $(cgroup_folders); do
        mkdir -p "$folder/$CGROUP"
        if [[ -f $folder/cgroup.controllers ]]; then
            sed 's/^/+/; s/ / +/g' "$folder/cgroup.controllers" >"$folder/cgroup.subtree_control"
        fi
    done
}

# --- containerd and its images ------------------------------------------------

# Overlays do not work on top of every file system.
snapshotter() {
    local try=$RUN/overlay
    if [[ ! -f $RUN/snapshotter ]]; then
        mkdir -p "$try"/{lower,upper,work,merged}
        if mount -t overlay -o "lowerdir=$try/lower,upperdir=$try/upper,workdir=$try/work" overlay "$try/merged" 2>/dev/null; then
            umount "$try/merged"
            printf overlayfs >"$RUN/snapshotter"
        else
            printf native >"$RUN/snapshotter"
        fi
        rm -rf "$try"
    fi
    cat "$RUN/snapshotter"
}

configure_containerd() {
    cat >"$CONF/containerd.toml" <<END
version = 2
root = "$RUN/containerd/root"
state = "$RUN/containerd/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "$CONTAINERD_SOCKET"
[plugins."io.containerd.internal.v1.opt"]
path = "$RUN/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/firstlight/pause:1"
# Without CAP_SYS_RESOURCE a lower score than containerd's own cannot be set.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
stream_server_address = "127.0.0.1"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "$(snapshotter)"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "$RUN/containerd/runc"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$CONF/cni"
END
    mkdir -p "$CONF/cni"
    cat >"$CONF/cni/10-firstlight.conflist" <<END
{"cniVersion": "0.4.0", "name": "firstlight-test", "plugins": [{
  "type": "bridge", "bridge": "$BRIDGE", "isGateway": true, "hairpinMode": true,
  "ipam": {"type": "host-local", "dataDir": "$RUN/cni", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}
}]}
END
}

start_containerd() {
    configure_containerd
    start containerd containerd --config "$CONF/containerd.toml" --log-level warn
}
probe_containerd() { timeout 5 ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io images ls -q; }

# provide_image NAME SOURCE…: builds and imports it unless that was done from the same sources.
provide_image() {
    local name=$1 recipe
    shift
    recipe=$(sha256sum "$@")
    [[ -f $RUN/images/$name.imported && $(<"$RUN/images/$name.imported") == "$recipe" ]] && return
    mkdir -p "$RUN/images"
    "build_${name}_image" "$RUN/images/$name.tar"
    containers images import --snapshotter "$(snapshotter)" "$RUN/images/$name.tar"
    rm "$RUN/images/$name.tar"
    printf '%s' "$recipe" >"$RUN/images/$name.imported"
}

build_pause_image() {
    gcc -static -Os -s -Wall -Werror -o "$RUN/images/pause" "$HERE/images/pause.c"
    "$REPOSITORY/helm/image/archive.py" "$1" localhost/firstlight/pause:1 --entrypoint /pause "$RUN/images/pause=/pause"
}

build_bootstrap_image() {
    "$REPOSITORY/helm/image/build" "$1" "$BIN/kubectl" "$(command -v busybox)"
}

provide_images() {
    local image=$REPOSITORY/helm/image
    provide_image pause "$HERE/images/pause.c" "$image/archive.py"
    provide_image bootstrap "$image/bootstrap" "$image/build" "$image/archive.py" "$REPOSITORY/helm/Chart.yaml" "$BIN/.kubectl.recipe"
}

# --- kubelet, kube-proxy, and the pods' way to the API server ----------------------

# The API server listens on loopback, which pods cannot reach; this listens for
# them at the address that it advertises.
start_api_relay() {
    start api-relay socat "TCP-LISTEN:$API_PORT,bind=$NODE_IP,reuseaddr,fork" "TCP:127.0.0.1:$API_PORT"
}
probe_api_relay() { curl -sf --max-time 3 --cacert "$PKI/ca.crt" "https://$NODE_IP:$API_PORT/livez"; }

# Images are never collected, for there is nowhere to pull them from again, and a
# full disk must not evict the pods of a test.
start_kubelet() {
    cat >"$CONF/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_IP
port: $KUBELET_PORT
healthzPort: $KUBELET_HEALTH_PORT
tlsCertFile: $PKI/kubelet-server.crt
tlsPrivateKeyFile: $PKI/kubelet-server.key
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $PKI/ca.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$CONTAINERD_SOCKET
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
podLogsDir: $RUN/pod-logs
volumePluginDir: $RUN/volume-plugins
shutdownGracePeriod: 0s
END
    start kubelet "$BIN/kubelet" --config="$CONF/kubelet.yaml" --kubeconfig="$CONF/kubelet.kubeconfig" \
        --hostname-override="$NODE" --node-ip="$NODE_IP" --root-dir="$RUN/kubelet" --cert-dir="$RUN/kubelet/pki"
}
probe_kubelet() { curl -sf --max-time 3 "http://127.0.0.1:$KUBELET_HEALTH_PORT/healthz" && node_is_ready "$NODE"; }

# All traffic to services is masqueraded: two pods on one bridge would otherwise
# answer each other directly, past the translation of the address.
start_kube_proxy() {
    cat >"$CONF/kube-proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
hostnameOverride: $NODE
clusterCIDR: $POD_CIDR
clientConnection: {kubeconfig: $CONF/proxy.kubeconfig}
healthzBindAddress: 127.0.0.1:$PROXY_HEALTH_PORT
metricsBindAddress: 127.0.0.1:$PROXY_METRICS_PORT
nodePortAddresses: [$NODE_IP/32]
iptables: {masqueradeAll: true, localhostNodePorts: false, syncPeriod: 30s, minSyncPeriod: 0s}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
    start kube-proxy "$BIN/kube-proxy" --config="$CONF/kube-proxy.yaml"
}
probe_kube_proxy() { curl -sf --max-time 3 "http://127.0.0.1:$PROXY_HEALTH_PORT/healthz"; }

node_is_healthy() {
    local name
    for name in api-relay containerd kubelet kube-proxy; do
        running "$name" && "probe_${name//-/_}" || return 1
    done
    ! running kwok && ip link show dev "$BRIDGE" >/dev/null
}

start_node() {
    # From here on there are things that only `tear_down_node` removes.
    : >"$RUN/has-node"
    retire_simulated_node
    remember_sysctls
    make_bridge
    make_cgroups
    ensure api-relay 10
    ensure containerd 30
    provide_images
    ensure kubelet 90
    ensure kube-proxy 30
}

bring_up_node() {
    if [[ -f $RUN/has-node ]] && node_is_healthy >/dev/null 2>&1; then
        # A changed image is imported into the running node.
        provide_images >>"$LOG/up.log" 2>&1
        say "The node is healthy."
    else
        step "node: containerd, kubelet, kube-proxy" "$LOG/up.log" start_node
    fi
}

# --- and away again -------------------------------------------------------------

# The shims of our containerd, known by its socket among their arguments.
shims() {
    local folder
    for folder in /proc/[0-9]*; do
        if tr '\0' '\n' <"$folder/cmdline" | grep -qxF "$CONTAINERD_SOCKET" &&
            [[ $(<"$folder/comm") == containerd-shim* ]]; then
            printf '%s\n' "${folder##*/}"
        fi 2>/dev/null
    done
}

processes_of_pods() {
    local folder
    for folder in $(cgroup_folders); do
        [[ ! -d $folder/$CGROUP ]] || find "$folder/$CGROUP" -name cgroup.procs -exec cat {} +
    done | sort -u
}

nothing_from() { [[ -z $("$@") ]]; }

kill_all_from() {
    local process
    for process in $("$@"); do kill -KILL "$process" 2>/dev/null || true; done
    nothing_from "$@"
}

# Asked through containerd first, so that its shims end by themselves.
remove_containers() {
    local container
    for container in $(containers tasks ls -q); do
        containers tasks delete --force "$container" || true
    done
}

mounts_below_run() {
    local point
    while read -r _ _ _ _ point _; do
        printf -v point '%b' "$point"
        [[ $point != "$RUN"/* ]] || printf '%s\n' "$point"
    done </proc/self/mountinfo
}

unmount_all() {
    local point
    # The last mounted first: it may lie within an earlier one.
    while read -r point; do umount "$point" || true; done < <(mounts_below_run | tac)
    nothing_from mounts_below_run
}

remove_cgroups() {
    local folder
    for folder in $(cgroup_folders); do
        [[ ! -d $folder/$CGROUP ]] || find "$folder/$CGROUP" -depth -type d -exec rmdir {} + || return 1
    done
}

remove_chains() {
    local command=$1 table
    for table in mangle nat filter; do
        "$command-save" -t "$table" | sed -n '/^-A KUBE-/!s/^-A \(.* -j KUBE-.*\)/-D \1/p' |
            xargs -r -L 1 "$command" -t "$table"
        {
            printf '*%s\n' "$table"
            "$command-save" -t "$table" | sed -n 's/^:\(KUBE-[^ ]*\) .*/-F \1/p'
            "$command-save" -t "$table" | sed -n 's/^:\(KUBE-[^ ]*\) .*/-X \1/p'
            printf 'COMMIT\n'
        } | "$command-restore" --noflush
    done
}

remove_network() {
    ip link show dev "$BRIDGE" >/dev/null 2>&1 || return 0
    # A network namespace, and its end of a cable, goes some time after the last
    # process and mount that held it.
    wait_until 20 "the pods' network interfaces to go" nothing_from ip -o link show master "$BRIDGE"
    ip link delete dev "$BRIDGE"
    iptables --delete FORWARD --in-interface "$BRIDGE" --jump ACCEPT || true
    remove_chains iptables
    remove_chains ip6tables || true
}

# What is put at fixed places of the machine, whatever the configuration says.
remove_strays() {
    local link sandbox
    for link in /var/log/containers/*.log; do
        [[ $(readlink "$link") != "$RUN"/* ]] || rm -f "$link"
    done
    for sandbox in "$RUN"/containerd/root/io.containerd.grpc.v1.cri/sandboxes/*; do
        rm -f /var/lib/cni/{,cache/}results/*-"${sandbox##*/}"-*
    done
    # Only if they are empty, and so were made for us or are of no use to others.
    rmdir --ignore-fail-on-non-empty /var/log/containers /var/lib/cni/{cache/results,cache,results,} \
        /run/containerd/{s,} 2>/dev/null || true
}

tear_down_node() {
    local socket
    local -a sockets
    stop kubelet
    stop kube-proxy
    mapfile -t sockets < <(find "$RUN/containerd/state" -name address -exec cat {} \; -exec echo \; 2>/dev/null)
    if running containerd; then timeout 30 bash -c "$(declare -f containers remove_containers); CONTAINERD_SOCKET='$CONTAINERD_SOCKET' remove_containers" || true; fi
    stop containerd
    wait_until 20 "the shims to end" kill_all_from shims
    wait_until 20 "the pods' processes to end" kill_all_from processes_of_pods
    for socket in "${sockets[@]}"; do rm -f "${socket#unix://}"; done
    wait_until 20 "the node's mounts to go" unmount_all
    wait_until 20 "the node's cgroups to go" remove_cgroups
    remove_network
    stop api-relay
    remove_strays
    sysctl --quiet --load "$RUN/sysctls" || true
    rm -f "$RUN/has-node"
}
