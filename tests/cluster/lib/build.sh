# What the cluster is made of: Debian packages and Go programs.
# Sourced by `up` after common.sh.
# shellcheck shell=bash

version_of() { sed -n "s|^\\s*$1 v\\([0-9.]*\\).*|\\1|p" "$HERE/go.mod"; }

# Versions are put in when linking: clients refuse a server whose version they
# cannot parse, and helm a chart for a Kubernetes newer than the one it thinks of.
# They follow go.mod, so that a bump is made in one place.
link_flags() {
    local kubernetes helm major minor package
    kubernetes=$(version_of k8s.io/kubernetes)
    helm=$(version_of helm.sh/helm/v3)
    IFS=. read -r major minor _ <<<"$kubernetes"
    [[ -n $minor && -n $helm ]] || die "no versions of k8s.io/kubernetes and helm.sh/helm/v3 in $HERE/go.mod"
    printf -- '-s -w'
    for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        printf -- ' -X %s.gitVersion=v%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean' \
            "$package" "$kubernetes" "$package" "$major" "$package" "$minor" "$package"
    done
    for package in helm.sh/helm/v3/pkg/chartutil helm.sh/helm/v3/pkg/lint/rules; do
        printf -- ' -X %s.k8sVersionMajor=%s -X %s.k8sVersionMinor=%s' "$package" "$major" "$package" "$minor"
    done
    printf -- ' -X helm.sh/helm/v3/internal/version.version=v%s' "$helm"
}

# NAME FOLDER PACKAGE SECONDS: measured on two cores, one after the other from a cold build cache.
programs() {
    local kubernetes=k8s.io/kubernetes/cmd
    cat <<END
control-plane . ./control-plane 300
kubectl . $kubernetes/kubectl 30
helm . helm.sh/helm/v3/cmd/helm 20
kwok kwok sigs.k8s.io/kwok/cmd/kwok 15
END
    if [[ $1 == node ]]; then
        cat <<END
kubelet . $kubernetes/kubelet 180
kube-proxy . $kubernetes/kube-proxy 20
END
    fi
}

check_go() {
    local wanted have
    wanted=$(sed -n 's/^go //p' "$HERE/go.mod")
    if have=$(go env GOVERSION 2>/dev/null); then
        have=${have#go}
        [[ $(printf '%s\n' "$wanted" "${have%%[- ]*}" | sort -V | head -n 1) == "$wanted" ]] && return
        die "Go $wanted or newer is needed to build the cluster's programs, and $(command -v go) is $have"
    fi
    die "Go $wanted or newer is needed to build the cluster's programs (Debian's golang package is too old): install it and put its bin folder on PATH"
}

# Everything that decides what a program is made of.
recipe_of() {
    cat "$HERE/$1/go.mod" "$HERE/$1/go.sum"
    [[ $2 != ./* ]] || cat "$HERE/$1/$2"/*.go
    link_flags
}

# build_together FOLDER PACKAGE...: while one is linked, the others are compiled. A program is called as the last part of its package is.
build_together() {
    local folder=$1 package name new=$BIN/.new
    shift
    rm -rf "$new"
    # Static, so that kubectl also runs in an image that holds no libc.
    (cd "$HERE/$folder" && CGO_ENABLED=0 go build -trimpath -ldflags "$(link_flags)" -o "$new/" "$@")
    for package in "$@"; do
        name=${package##*/}
        if [[ $name == kwok ]]; then build_kwok_stages; fi
        mv "$new/$name" "$BIN/$name"
        recipe_of "$folder" "$package" | sha256sum >"$BIN/.$name.recipe"
    done
    rmdir "$new"
}

# kwok simulates what "stages" describe; these ones lie in its own module.
build_kwok_stages() {
    local module stage
    module=$(cd "$HERE/kwok" && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)
    for stage in "$module"/kustomize/stage/{node,pod}/fast/*.yaml "$module"/kustomize/stage/node/heartbeat-with-lease/*.yaml; do
        [[ $stage == */kustomization.yaml ]] && continue
        printf -- '---\n'
        cat "$stage"
    done >"$BIN/.kwok-stages.new"
    mv "$BIN/.kwok-stages.new" "$BIN/kwok-stages.yaml"
}

up_to_date() {
    local name=$1 folder=$2 package=$3
    [[ -x $BIN/$name && -f $BIN/.$name.recipe ]] &&
        recipe_of "$folder" "$package" | sha256sum | cmp --silent - "$BIN/.$name.recipe"
}

# Those that are missing or made from something else than what is written here.
outdated_programs() {
    local name folder package rest
    while read -r name folder package rest; do
        up_to_date "$name" "$folder" "$package" || printf '%s %s %s %s\n' "$name" "$folder" "$package" "$rest"
    done < <(programs "$1")
}

build_programs() {
    local name folder package seconds usually label together
    local -a names packages
    [[ -n $(outdated_programs "$1") ]] || return 0
    check_go
    mkdir -p "$BIN"
    [[ -w $BIN ]] || die "$BIN belongs to another user, and programs in it are out of date"
    # Clusters with a CLUSTER_DIR of their own share the programs.
    exec 8>>"$BIN/.lock"
    flock --nonblock 8 || {
        say "waiting for another up to finish building"
        flock 8
    }
    say "Building (kept in $BIN; the times are for a cold build cache on two cores):"
    for together in . kwok; do
        names=() packages=() usually=0
        while read -r name folder package seconds; do
            [[ $folder == "$together" ]] || continue
            names+=("$name") packages+=("$package") usually=$((usually + seconds))
        done < <(outdated_programs "$1")
        ((${#names[@]})) || continue
        label="${names[*]} (usually $(duration $((usually * 1000))))"
        # A step on a terminal shows what it is doing; a log must not stay silent for minutes.
        [[ -t 1 ]] || say "  building $label"
        step "$label" "$LOG/build.log" build_together "$together" "${packages[@]}"
    done
    exec 8>&-
}

# COMMAND PACKAGE, for each thing the distribution has to provide.
requirements() {
    cat <<'END'
etcd etcd-server
openssl openssl
curl curl
python3 python3
flock util-linux
END
    if [[ $1 == node ]]; then
        cat <<'END'
containerd containerd
runc runc
/usr/lib/cni/bridge containernetworking-plugins
iptables iptables
conntrack conntrack
ip iproute2
socat socat
gcc gcc
/usr/lib/x86_64-linux-gnu/libc.a libc6-dev
busybox busybox-static
END
    fi
}

install_packages() {
    local command package
    local -a missing=()
    while read -r command package; do
        # The multiarch folder has another name on other machines.
        if [[ $package == libc6-dev ]]; then
            compgen -G '/usr/lib/*/libc.a' >/dev/null || missing+=("$package")
        elif ! command -v "$command" >/dev/null; then
            missing+=("$package")
        fi
    done < <(requirements "$1")
    ((${#missing[@]})) || return 0
    if ! is_root || ! command -v apt-get >/dev/null; then
        say "These Debian packages are missing; install them and run this again:"
        say "    sudo apt-get install --no-install-recommends ${missing[*]}"
        exit 1
    fi
    # On a new machine nothing has made it yet.
    mkdir -p "$LOG"
    step "installed ${missing[*]}" "$LOG/install.log" apt_install "${missing[@]}"
}

# The distribution would start etcd and containerd as services, now and at every
# boot; the cluster wants only their programs.
apt_install() {
    local policy=/usr/sbin/policy-rc.d unit
    local -a apt=(apt-get -o DPkg::Lock::Timeout=300 -qq) quiet=()
    for unit in etcd containerd; do
        command -v "$unit" >/dev/null || quiet+=("$unit.service")
    done
    if [[ ! -e $policy ]]; then
        # shellcheck disable=SC2064 # the path as it is now
        trap "rm -f '$policy'" EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    "${apt[@]}" install --no-install-recommends -y "$@" ||
        { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends -y "$@"; }
    for unit in "${quiet[@]}"; do
        systemctl disable --quiet "$unit" 2>/dev/null || true
    done
}
