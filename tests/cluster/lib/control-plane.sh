# etcd, the API server, the controller manager, the scheduler, and kwok in the
# place of a node. All of it listens on loopback only and needs no privileges.
# Sourced by `up` and `down` after process.sh and pki.sh.
# shellcheck shell=bash disable=SC2034

NODE=firstlight-node
SIMULATED_NODE=simulated-node

# Chosen once per cluster and kept, so that a repair leaves the kubeconfig valid.
choose_addresses() {
    if [[ ! -f $CONF/addresses ]]; then
        # A new cluster: what the last one logged would only mislead.
        rename_logs
        "$HERE/lib/free-addresses.py" >"$CONF/addresses.new" || die "no free ports or network found"
        mv "$CONF/addresses.new" "$CONF/addresses"
    fi
    # shellcheck source=/dev/null # made by free-addresses.py
    . "$CONF/addresses"
    NODE_IP=$NETWORK.0.1
    POD_CIDR=$NETWORK.0.0/24
    SERVICE_IP=$NETWORK.128.1
    SERVICE_CIDR=$NETWORK.128.0/20
}

rename_logs() {
    local log
    for log in "$LOG"/*.log; do
        case ${log##*/} in
            '*.log' | build.log | install.log) ;;
            *) mv "$log" "$log.1" ;;
        esac
    done
}

# Of a cluster that is to survive a power cut nothing counts before all of it is on the disk: the mark is written last, and etcd,
# which acknowledges things, is started behind it.
forget_what_was_cut_off() {
    [[ -z ${CLUSTER_SYNCED:-} || -e $CONF/on-disk ]] || rm -rf "$CONF" "$PKI" "$RUN/etcd"
}

bring_onto_disk() {
    [[ -n ${CLUSTER_SYNCED:-} && ! -e $CONF/on-disk ]] || return 0
    sync
    : >"$CONF/on-disk"
    sync
}

start_etcd() {
    local client=http://127.0.0.1:$ETCD_PORT peer=http://127.0.0.1:$ETCD_PEER_PORT
    # Not synced to disk: a test's cluster is thrown away, and a killed process
    # (unlike a power cut) loses nothing by it.
    local -a unsynced=(--unsafe-no-fsync)
    [[ -z ${CLUSTER_SYNCED:-} ]] || unsynced=()
    start etcd etcd --name test --data-dir "$RUN/etcd" "${unsynced[@]}" --log-level warn \
        --listen-client-urls "$client" --advertise-client-urls "$client" \
        --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "test=$peer"
}
probe_etcd() { curl -sf --max-time 3 "http://127.0.0.1:$ETCD_PORT/health" | grep -q true; }

start_kube_apiserver() {
    # Advertised is the node's address, which exists once there is a node: pods
    # cannot reach this machine's loopback (see start_api_relay). Nodes are asked
    # for by address, for nothing here would resolve their names. Streamed lists
    # want a newer etcd than Debian's: a client that tries one waits in vain.
    start kube-apiserver "$BIN/control-plane" kube-apiserver \
        --bind-address=127.0.0.1 --secure-port="$API_PORT" --advertise-address="$NODE_IP" \
        --etcd-servers="http://127.0.0.1:$ETCD_PORT" \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
        --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
        --kubelet-client-certificate="$PKI/apiserver-to-kubelet.crt" \
        --kubelet-client-key="$PKI/apiserver-to-kubelet.key" \
        --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
        --service-account-issuer=https://kubernetes.default.svc \
        --service-account-key-file="$PKI/service-account.pub" \
        --service-account-signing-key-file="$PKI/service-account.key" \
        --requestheader-client-ca-file="$PKI/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy \
        --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
        --requestheader-extra-headers-prefix=X-Remote-Extra- \
        --service-cluster-ip-range="$SERVICE_CIDR" --feature-gates=WatchList=false --profiling=false
}
probe_kube_apiserver() {
    "$BIN/kubectl" --kubeconfig "$CONF/admin.kubeconfig" --request-timeout=3s get --raw /readyz
}

start_kube_controller_manager() {
    local kubeconfig=$CONF/controller-manager.kubeconfig
    start kube-controller-manager "$BIN/control-plane" kube-controller-manager \
        --bind-address=127.0.0.1 --secure-port="$CONTROLLER_PORT" --leader-elect=false \
        --kubeconfig="$kubeconfig" --authentication-kubeconfig="$kubeconfig" --authorization-kubeconfig="$kubeconfig" \
        --use-service-account-credentials --root-ca-file="$PKI/ca.crt" \
        --service-account-private-key-file="$PKI/service-account.key" \
        --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" --profiling=false
}
# Their own certificates are made up at each start, so there is nothing to verify.
probe_kube_controller_manager() { curl -skf --max-time 3 "https://127.0.0.1:$CONTROLLER_PORT/healthz"; }

start_kube_scheduler() {
    local kubeconfig=$CONF/scheduler.kubeconfig
    start kube-scheduler "$BIN/control-plane" kube-scheduler \
        --bind-address=127.0.0.1 --secure-port="$SCHEDULER_PORT" --leader-elect=false \
        --kubeconfig="$kubeconfig" --authentication-kubeconfig="$kubeconfig" --authorization-kubeconfig="$kubeconfig"
}
probe_kube_scheduler() { curl -skf --max-time 3 "https://127.0.0.1:$SCHEDULER_PORT/healthz"; }

start_kwok() {
    kube apply -f - >/dev/null <<END
apiVersion: v1
kind: Node
metadata:
  name: $SIMULATED_NODE
  labels:
    kubernetes.io/hostname: $SIMULATED_NODE
    kubernetes.io/os: linux
    firstlight.test/simulated: "true"
END
    start kwok "$BIN/kwok" --kubeconfig "$CONF/admin.kubeconfig" --config "$BIN/kwok-stages.yaml" \
        --manage-nodes-with-label-selector firstlight.test/simulated=true \
        --server-address "127.0.0.1:$KWOK_PORT" --node-ip 127.0.0.1 --cidr "$NETWORK.64.1/20" \
        --node-lease-duration-seconds 40
}
probe_kwok() { node_is_ready "$SIMULATED_NODE"; }

node_is_ready() {
    [[ $(kube get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

# The file is in its place only when it is known to work.
publish_kubeconfig() {
    cmp --silent "$CONF/admin.kubeconfig" "$KUBECONFIG_FILE" && return
    (
        umask 077
        cp "$CONF/admin.kubeconfig" "$KUBECONFIG_FILE.new"
    )
    mv "$KUBECONFIG_FILE.new" "$KUBECONFIG_FILE"
}

# No pod can be made in a namespace before the controller manager has given it this.
has_service_account() { kube get serviceaccount default -n default; }

bring_up_control_plane() {
    make_pki
    bring_onto_disk
    ensure etcd 120
    ensure kube-apiserver 300
    publish_kubeconfig
    ensure kube-controller-manager 120
    ensure kube-scheduler 120
    wait_until 60 "the service account of the namespace default" has_service_account
}

control_plane_is_healthy() {
    local name
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
        running "$name" || return 1
    done
    cmp --silent "$CONF/admin.kubeconfig" "$KUBECONFIG_FILE" &&
        probe_kube_apiserver && probe_kube_controller_manager && probe_kube_scheduler && has_service_account
}

bring_up_simulated_node() { ensure kwok 120; }

# A real node must not share its pods with one that only says they run.
retire_simulated_node() {
    stop kwok
    kube delete node "$SIMULATED_NODE" --ignore-not-found >/dev/null
    kube delete pods --all-namespaces --field-selector "spec.nodeName=$SIMULATED_NODE" --force --grace-period=0 2>/dev/null
}

# The API server may serve open watches for a minute after SIGTERM.
stop_control_plane() {
    stop kwok
    stop kube-scheduler
    stop kube-controller-manager
    stop kube-apiserver 2
    stop etcd
}
