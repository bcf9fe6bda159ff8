# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # unit is set by those who look
#
# What those share that look at the container from inside.

check() {
	local name=$1
	shift
	if "$@" >/dev/null 2>&1; then
		echo "ok systemd: $name"
	else
		echo "FAIL systemd: $name"
	fi
}

property() { systemctl show --value --property "$1" "$unit"; }

# becomes PROPERTY PATTERN: what it is at last, if it takes a moment.
becomes() {
	for _ in {1..150}; do
		# shellcheck disable=SC2053 # a pattern
		[[ $(property "$1") == $2 ]] && return 0
		sleep 0.1
	done
	return 1
}
