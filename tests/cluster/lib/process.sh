# Long-running processes: start them detached, know them again, stop them.
# Sourced by `up` and `down` after common.sh.
# shellcheck shell=bash

# The kernel's start time of a process, or nothing when it is gone or a zombie.
# With the boot id it tells a process from a later one with the same number.
start_time_of() {
    local stat fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -r -a fields <<<"${stat##*) }"
    [[ ${fields[0]} == Z ]] || printf '%s' "${fields[19]}"
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Prints the process number of NAME if that very process is still there.
pid_of() {
    local pid started boot
    [[ -r $RUN/$1.pid ]] || return 1
    read -r pid started boot <"$RUN/$1.pid" || return 1
    [[ -n $boot && $boot == "$(boot_id)" && $started == "$(start_time_of "$pid")" ]] || return 1
    printf '%s' "$pid"
}

running() { pid_of "$1" >/dev/null; }

# start NAME COMMAND…: in a session of its own, without the caller's terminal,
# descriptors or environment, so that it outlives the shell and holds nothing open.
start() {
    local name=$1 log=$LOG/$1.log pid
    shift
    if [[ -f $log && $(stat -c %s "$log") -gt 10000000 ]]; then mv "$log" "$log.1"; fi
    (
        for descriptor in /proc/self/fd/*; do
            descriptor=${descriptor##*/}
            ((descriptor <= 2)) || eval "exec $descriptor>&-"
        done
        # Written by the process itself, before it becomes COMMAND, so that no
        # moment exists in which it runs and nobody knows it. (BASHPID is another
        # one inside of $(…).)
        pid=$BASHPID
        printf '%s %s %s\n' "$pid" "$(start_time_of "$pid")" "$(boot_id)" >"$RUN/$name.pid"
        cd "$RUN" || exit
        exec setsid env -i PATH="$PATH" HOME="$RUN" "$@"
    ) </dev/null >>"$log" 2>&1 &
    wait_until 5 "the process of $name" test -s "$RUN/$name.pid"
}

# stop NAME [GRACE]: asks, kills after GRACE seconds, and returns when it is gone.
stop() {
    local name=$1 grace=${2:-5} pid deadline
    if pid=$(pid_of "$name"); then
        # Stopped ones (a test's SIGSTOP) would never see the request.
        kill -TERM "$pid" 2>/dev/null || true
        kill -CONT "$pid" 2>/dev/null || true
        deadline=$(($(milliseconds) + grace * 1000))
        while running "$name" && (($(milliseconds) < deadline)); do sleep 0.05; done
        if running "$name"; then
            kill -KILL "$pid" 2>/dev/null || ! running "$name" ||
                die "$name (process $pid) belongs to another user: run this as that user or as root"
            while running "$name" && (($(milliseconds) < deadline + 10000)); do sleep 0.05; done
            running "$name" && die "$name (process $pid) does not end, not even when killed"
        fi
    fi
    rm -f "$RUN/$name.pid"
}

# became_ready NAME SECONDS PROBE…: false at once when the process ends.
became_ready() {
    local name=$1 deadline=$(($(milliseconds) + $2 * 1000))
    shift 2
    until "$@" >/dev/null 2>&1; do
        running "$name" || return 1
        (($(milliseconds) < deadline)) || return 1
        sleep 0.1
    done
}

# ensure NAME SECONDS: leaves NAME alone when it runs and its probe succeeds,
# and else starts it (again). `start_NAME` and `probe_NAME` say how.
ensure() {
    local name=$1 seconds=$2 function=${1//-/_}
    if running "$name"; then
        # Perhaps it was only just started by an `up` that was interrupted.
        became_ready "$name" 10 "probe_$function" && return
        say "$name runs but does not answer: starting it again"
        stop "$name" 2
    fi
    rm -f "$RUN/$name.pid"
    "start_$function"
    became_ready "$name" "$seconds" "probe_$function" && return
    tell_last_lines "$LOG/$name.log"
    if running "$name"; then
        die "$name does not answer after $seconds s"
    fi
    die "$name ended right after its start"
}
