# Where things are, how progress is told, and how anything is waited for.
# Sourced by `up` and `down`; expects HERE (tests/cluster) to be set.
# shellcheck shell=bash disable=SC2034

REPOSITORY=$(cd "$HERE/../.." && pwd -P)
BIN=$REPOSITORY/target/cluster/bin

mkdir -p "${CLUSTER_DIR:=$REPOSITORY/target/cluster}"
CLUSTER_DIR=$(cd "$CLUSTER_DIR" && pwd -P)

# The path of a unix socket has at most 107 characters, and containerd's are deep.
# A checkout far down in the file system keeps its running state elsewhere.
run_folder_of() {
    local run=$1/run
    if ((${#run} > 66)); then
        run=/tmp/firstlight-cluster-$(id -u)-$(printf '%s' "$1" | sha256sum | cut -c 1-12)
    fi
    printf '%s' "$run"
}

RUN=$(run_folder_of "$CLUSTER_DIR")
PKI=$RUN/pki
CONF=$RUN/conf
LOG=$CLUSTER_DIR/log
KUBECONFIG_FILE=$CLUSTER_DIR/kubeconfig

# Root's PATH does not always hold the folders of iptables and ip.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 022

say() { printf '%s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

is_root() { [[ $(id -u) == 0 ]]; }

# A folder below /tmp could have been made by somebody else.
check_run_is_ours() {
    [[ ! -e $RUN || -O $RUN ]] || die "$RUN belongs to another user: set CLUSTER_DIR to a shorter folder"
}

# One `up` or `down` at a time. The lock is on descriptor 9, which `start`
# closes in every child, so it ends with the script.
take_lock() {
    [[ -w $CLUSTER_DIR ]] || die "$CLUSTER_DIR belongs to another user: use a CLUSTER_DIR of your own"
    exec 9>>"$CLUSTER_DIR/lock"
    flock --nonblock 9 && return
    say "waiting for another up or down of $CLUSTER_DIR to finish"
    flock --timeout 3600 9 || die "another up or down has held $CLUSTER_DIR/lock for an hour"
}

milliseconds() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

# 0.4s, 12s, 3m 05s
duration() {
    local ms=$1
    if ((ms < 10000)); then
        printf '%d.%ds' $((ms / 1000)) $((ms % 1000 / 100))
    elif ((ms < 60000)); then
        printf '%ds' $((ms / 1000))
    else
        printf '%dm %02ds' $((ms / 60000)) $((ms / 1000 % 60))
    fi
}

# tell_last_lines LOG [FROM]: of what was added to it since it had FROM bytes.
tell_last_lines() {
    local log=$1 from=${2:-0}
    [[ -s $log ]] || return 0
    printf 'the last lines of %s:\n' "$log" >&2
    tail -c "+$((from + 1))" "$log" | tail -n 20 | cut -c 1-400 | sed 's/^/    /' >&2
}

# step LABEL LOG COMMAND…: runs COMMAND with its output in LOG, as one line of
# progress. On a terminal the elapsed time counts up meanwhile.
step() {
    local label=$1 log=$2 began ticker='' code from
    shift 2
    from=$(stat -c %s "$log" 2>/dev/null || printf 0)
    began=$(milliseconds)
    if [[ -t 1 ]]; then
        ticker_of "$label" "$began" &
        ticker=$!
    fi
    # A subshell that is not part of a condition keeps `set -e` in force in it.
    set +e
    (
        set -e
        "$@"
    ) >>"$log" 2>&1 8>&- 9>&-
    code=$?
    set -e
    if [[ -n $ticker ]]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
        printf '\r\033[K'
    fi
    if ((code == 0)); then
        printf '  %-52s %8s\n' "$label" "$(duration $(($(milliseconds) - began)))"
        return
    fi
    printf '  %-52s %8s\n' "$label" FAILED
    tell_last_lines "$log" "$from"
    exit "$code"
}

ticker_of() {
    local label=$1 began=$2
    # Ends with the script even if that is killed: nothing else would stop it.
    while kill -0 $$ 2>/dev/null; do
        printf '\r  %-52s %8s' "$label" "$(duration $(($(milliseconds) - began)))"
        sleep 0.5
    done
}

# wait_until SECONDS WHAT COMMAND…: polls until COMMAND succeeds.
wait_until() {
    local seconds=$1 what=$2 deadline
    shift 2
    deadline=$(($(milliseconds) + seconds * 1000))
    until "$@" >/dev/null 2>&1; do
        (($(milliseconds) < deadline)) || die "still waiting for $what after $seconds s"
        sleep 0.1
    done
}

# The admin's kubectl, never the caller's own configuration.
kube() { "$BIN/kubectl" --kubeconfig "$KUBECONFIG_FILE" --request-timeout=10s "$@"; }
