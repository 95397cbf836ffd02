#!/bin/bash
# What a vendor would write instead of firstlight: one request and two Secrets, nothing looked at first.
# Usage: vendor.sh URL CA CODE NAMESPACE KUBECONFIG PASSWORD_HASH
set -euo pipefail
url=$1 ca=$2 code=$3 namespace=$4 kubeconfig=$5 hash=$6
export KUBECONFIG=$kubeconfig

appliance=appliance-$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n')
grant=$(curl --fail --silent --show-error --cacert "$ca" --header 'Content-Type: application/json' \
    --data "{\"claim_code\":\"$code\",\"appliance_id\":\"$appliance\"}" "$url/register")
field() { jq -r --arg name "$1" '.[$name] // ""' <<< "$grant"; }

kubectl create secret generic appliance-initial-tenant --namespace "$namespace" \
    --from-literal=INITIAL_TENANT_ID="$(field tenant_id)" \
    --from-literal=INITIAL_TENANT_NAME="$(field company_name)" \
    --from-literal=INITIAL_ADMIN_FIRST_NAME=Kim \
    --from-literal=INITIAL_ADMIN_LAST_NAME=Admin \
    --from-literal=INITIAL_ADMIN_EMAIL=kim@acme.example \
    --from-literal=INITIAL_ADMIN_PASSWORD_HASH="$hash" \
    --dry-run=client -o yaml | kubectl apply -f - > /dev/null
kubectl create secret generic appliance-license-seed --namespace "$namespace" \
    --from-literal=EDITION_CHOICE=ee \
    --from-literal=INSTALL_EDITION=pro \
    --from-literal=APPLIANCE_ID="$appliance" \
    --from-literal=LICENSE_TOKEN="$(field first_jwt)" \
    --from-literal=APPLIANCE_CREDENTIAL="$(field appliance_credential)" \
    --from-literal=CHECK_IN_URL="$(field check_in_url)" \
    --dry-run=client -o yaml | kubectl apply -f - > /dev/null
