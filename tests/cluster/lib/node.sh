# shellcheck shell=bash
bring_up_node() { die "later"; }
