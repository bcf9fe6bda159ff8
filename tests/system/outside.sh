# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What must not happen to the machine itself.  Runs outside of the sandbox, and
# looks at it from there.

# Whatever happens to the demonstration, it leaves nothing.

leftovers() {
	local -r token=leftovers-$$
	local before signal

	before=$(traces $token)
	for signal in INT TERM HUP KILL; do
		left_after $signal $token "$before"
	done
}

# left_after SIGNAL TOKEN BEFORE
left_after() {
	local output demo

	output=$(mktemp)
	# As from a terminal: a shell would have it ignore SIGINT.
	STATEWALL_TOKEN=$2 setsid env --default-signal=INT \
		tests/system/demo >"$output" 2>&1 &
	demo=$!
	if soon grep -q '^ok .* is ready' "$output" >/dev/null; then
		kill -"$1" $demo
		wait $demo 2>/dev/null
	else
		echo "FAIL it does not get far enough: $(tail -n 1 "$output")"
	fi
	# Sooner than it would end by itself.
	if PATIENCE=5 soon is_as_before "$2" "$3" >/dev/null; then
		ok "a demonstration that SIG$1 ends leaves nothing behind"
	else
		fail "a demonstration that SIG$1 ends leaves nothing behind" \
			"$(diff <(echo "$3") <(traces "$2") | grep '^[<>]')"
	fi
	rm -f "$output"
}

is_as_before() {
	[ "$(traces "$1")" = "$2" ]
}

# traces TOKEN: its processes, and what it could leave of files, mounts,
# namespaces, links, routes and rules.
traces() {
	echo "processes: $(grep -lsz "^STATEWALL_TOKEN=$1\$" \
		/proc/[0-9]*/environ | xargs)"
	echo "files: $(cd /run && ls -d statewall* netns/* 2>/dev/null | xargs)"
	grep -E 'netns|/run/statewall' /proc/self/mountinfo
	ip -o link | cut -d: -f2
	ip route
	ip -6 route
	iptables-save 2>/dev/null | grep '^-'
	ip6tables-save 2>/dev/null | grep '^-'
}

# No program sends a packet where there is a real network.  What they are asked
# to send here would go no further than loopback.
guards() {
	local net=/proc/self/ns/net

	refuses "only in the sandbox" echo 7
	refuses "only in the sandbox" probe udp 127.0.0.1 9
	refuses "only in the sandbox" live 127.0.0.1 9
	refuses "only in the sandbox" connects 127.0.0.1 9 1
	refuses "only in the sandbox" stream fetch 127.0.0.1 9 1
	refuses "only in the sandbox" flood 127.0.0. 127.0.0.1 9 1
	refuses "only in the sandbox" inject tcp 127.0.0.1 9 127.0.0.1 9 R 0 0 0
	refuses "only in the sandbox" \
		play $net 127.0.0.1 9 $net 127.0.0.1 9 'R>'
	STATEWALL_SANDBOX=$(readlink $net) \
		refuses "the machine's own network" echo 7
}

# refuses TEXT PROGRAM ARGUMENTS...
refuses() {
	local said

	said=$(timeout 5 "$BIN/$2" "${@:3}" 2>&1)
	case $said in
	*"$1"*) ok "$2 refuses to run outside: $1" ;;
	*) fail "$2 refuses to run outside: $1" "$said" ;;
	esac
}
