# Keys, certificates and kubeconfigs, all ECDSA P-256, made with openssl.
# Sourced by `up` after common.sh.
# shellcheck shell=bash

# openssl's own configuration would add extensions of its choice.
bare_openssl_configuration() {
    printf '[req]\ndistinguished_name = name\n[name]\n' >"$PKI/openssl.cnf"
}

new_certificate() {
    local name=$1 subject=$2
    shift 2
    openssl req -x509 -config "$PKI/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
        -days 365 -subj "$subject" -addext subjectKeyIdentifier=hash \
        -keyout "$PKI/$name.key" -out "$PKI/$name.crt" "$@" 2>"$PKI/openssl.log" ||
        die "openssl: $(cat "$PKI/openssl.log")"
}

# leaf NAME SUBJECT USAGE [SUBJECT-ALTERNATIVE-NAMES]
leaf() {
    local -a names=()
    [[ -z ${4:-} ]] || names=(-addext "subjectAltName=$4")
    new_certificate "$1" "$2" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" \
        -addext authorityKeyIdentifier=keyid -addext basicConstraints=critical,CA:FALSE \
        -addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=$3" "${names[@]}"
}

inline() { base64 -w 0 <"$PKI/$1"; }

# kubeconfig NAME: for the user whose client certificate has that name.
kubeconfig() {
    cat <<END
apiVersion: v1
kind: Config
clusters:
- name: firstlight-test
  cluster:
    server: https://127.0.0.1:$API_PORT
    certificate-authority-data: $(inline ca.crt)
users:
- name: $1
  user:
    client-certificate-data: $(inline "$1.crt")
    client-key-data: $(inline "$1.key")
contexts:
- name: firstlight-test
  context:
    cluster: firstlight-test
    user: $1
current-context: firstlight-test
END
}

make_pki() {
    local name
    [[ -f $PKI/complete ]] && return
    mkdir -p "$PKI"
    chmod 700 "$PKI"
    umask 077
    bare_openssl_configuration
    # The second is for aggregated API servers. None is used, but without it all
    # of the components complain about its absence for ever.
    for name in ca front-proxy-ca; do
        new_certificate "$name" "/CN=firstlight-test-$name" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    done
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$PKI/service-account.key" 2>/dev/null
    openssl pkey -in "$PKI/service-account.key" -pubout -out "$PKI/service-account.pub"

    leaf apiserver /CN=kube-apiserver serverAuth \
        "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$NODE_IP,IP:$SERVICE_IP"
    leaf apiserver-to-kubelet /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
    leaf kubelet-server "/O=system:nodes/CN=system:node:$NODE" serverAuth "DNS:$NODE,IP:$NODE_IP"

    leaf admin /O=system:masters/CN=firstlight-test-admin clientAuth
    leaf controller-manager /CN=system:kube-controller-manager clientAuth
    leaf scheduler /CN=system:kube-scheduler clientAuth
    leaf kubelet "/O=system:nodes/CN=system:node:$NODE" clientAuth
    leaf proxy /CN=system:kube-proxy clientAuth
    for name in admin controller-manager scheduler kubelet proxy; do
        kubeconfig "$name" >"$CONF/$name.kubeconfig"
    done
    umask 022
    : >"$PKI/complete"
}
