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
	quietly "the demonstration runs" \
		soon grep '^ok .* is ready' "$output"
	kill -"$1" $demo
	wait $demo 2>/dev/null
	# Sooner than it would end by itself.
	if PATIENCE=5 soon is_clean "$2" "$3" >/dev/null; then
		ok "a demonstration that SIG$1 ends leaves nothing behind"
	else
		fail "a demonstration that SIG$1 ends leaves nothing behind" \
			"$(new_traces "$2" "$3")"
	fi
	rm -f "$output"
}

is_clean() {
	[ -z "$(new_traces "$@")" ]
}

# new_traces TOKEN BEFORE
new_traces() {
	comm -13 <(echo "$2") <(traces "$1")
}

# traces TOKEN: its processes, and what has the names of its files, mounts,
# namespaces, links and rules.
traces() {
	{
		grep -lsz "^STATEWALL_TOKEN=$1\$" /proc/[0-9]*/environ
		ls -d /run/statewall* /run/netns/{inside,firewall,outside}
		grep -E '/run/(statewall|netns/(inside|firewall|outside))' \
			/proc/self/mountinfo
		ip -o link | grep -E ': (lan0|wan0)[:@]'
		iptables-save | grep NFQUEUE
		ip6tables-save | grep NFQUEUE
	} 2>/dev/null | sort
}

# No program sends a packet where there is a real network.  What they are asked
# to send here would go no further than loopback.
guards() {
	local net=/proc/self/ns/net where='only in the sandbox'

	refuses "$where" echo 7
	refuses "$where" probe udp 127.0.0.1 9
	refuses "$where" live 127.0.0.1 9
	refuses "$where" connects 127.0.0.1 9 1
	refuses "$where" stream fetch 127.0.0.1 9 1
	refuses "$where" flood 127.0.0. 127.0.0.1 9 1
	refuses "$where" inject tcp 127.0.0.1 9 127.0.0.1 9 R 0 0 0
	refuses "$where" play $net 127.0.0.1 9 $net 127.0.0.1 9 'R>'
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
