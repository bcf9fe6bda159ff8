# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packets that must not pass.  All are tried twice: without a firewall, when
# every one of them must arrive, and with it.  So none counts as stopped only
# because it was built wrongly.

FIREWALL=no
declare -A REACHED

# Segments, tried in both directions: name, flags, the connection they claim to
# belong to ("none", or the live one), the distance from the number that is
# expected next, octets of data, the reason for which they are stopped.
FORGED=(
	'an orphan ACK|A|none|0|0|orphan-ack'
	'an orphan SYN-ACK|SA|none|0|0|orphan-synack'
	'an orphan FIN|FA|none|0|0|orphan-fin'
	'an orphan RST|R|none|0|0|orphan-rst'
	'a bare FIN in the live connection|F|live|0|0|fin-no-ack'
	'a null segment in the live connection|-|live|0|0|illegal-flags'
	'an xmas segment in the live connection|FPU|live|0|0|illegal-flags'
	'SYN and FIN in the live connection|SF|live|0|0|illegal-flags'
	'SYN and RST in the live connection|SR|live|1|0|illegal-flags'
	'data far outside the window|A|live|1073741824|100|seq-high'
	'a blind RST|R|live|536870912|0|rst-out'
)

# attempt KEY VICTIM FAMILY COMMAND...: does what the command sends arrive at
# the victim, as it should or should not?  The live connection, which goes the
# same way behind it, must survive it.
attempt() {
	local key="$1 $2 $3" victim=$2 family=$3
	local -i before arrived

	shift 3
	before=$(arrivals "$victim" "$family")
	"$@" || return
	live_survives || return
	arrived=$(($(arrivals "$victim" "$family") - before))
	if [ $FIREWALL = no ]; then
		REACHED[$key]=$arrived
	fi
	if [ "${REACHED[$key]:-0}" -eq 0 ]; then
		echo "it does not arrive without a firewall either: $key"
		return 1
	fi
	[ $FIREWALL = no ] || same 0 $arrived
}

# forged FAMILY ROW: both ways.
forged() {
	forged_to outside "$@" && forged_to inside "$@"
}

# forged_to VICTIM FAMILY ROW
forged_to() {
	local name flags owner distance len _ numbers='40000 1 1'
	local port=40001 client server seq ack

	IFS='|' read -r name flags owner distance len _ <<<"$3"
	if [ "$owner" = live ]; then
		numbers=$(live_where) || return
		port=$ECHO_PORT
	fi
	read -r client seq ack _ <<<"$numbers"
	client="$(address INSIDE "$2") $client"
	server="$(address OUTSIDE "$2") $port"
	# shellcheck disable=SC2086 # an address and a port
	if [ "$1" = outside ]; then
		attempt "$name" outside "$2" on inside "$BIN/inject" tcp \
			$client $server "$flags" "$(plus $seq $distance)" \
			"$ack" "$len"
	else
		attempt "$name" inside "$2" on outside "$BIN/inject" tcp \
			$server $client "$flags" "$(plus $ack $distance)" \
			"$seq" "$len"
	fi
}

# Sequence numbers.
plus() {
	echo $((($1 + $2) % 4294967296))
}

# asked_outside PROTOCOL FAMILY: from outside.
asked_outside() {
	attempt "$1" inside "$2" probe_is \
		"$([ $FIREWALL = no ] && echo answered || echo silent)" \
		outside "$1" "$(address INSIDE "$2")" "$ECHO_PORT"
}

# spoofed FAMILY: from outside, with an address of the inside.
spoofed() {
	attempt "spoofed" inside "$1" on outside "$BIN/inject" tcp \
		"$(address PLAYED_INSIDE "$1")" 40000 \
		"$(address INSIDE "$1")" "$ECHO_PORT" S 1 0 0
}

# probe_is OUTCOME SIDE PROTOCOL ADDRESS PORT [LEN]
probe_is() {
	same "$1" "$(on "$2" "$BIN/probe" "${@:3}")"
}

# lucky_rst FAMILY: a number in the window, but not the one that is expected.
# It passes, the host asks back, and nothing has happened.
lucky_rst() {
	local numbers port seq ack
	local -i before

	numbers=$(live_where) || return
	read -r port seq ack _ <<<"$numbers"
	before=$(arrivals inside "$1")
	on outside "$BIN/inject" tcp "$(address OUTSIDE "$1")" "$ECHO_PORT" \
		"$(address INSIDE "$1")" "$port" R "$(plus "$ack" 100)" 0 0
	live_survives || return
	same 1 $(($(arrivals inside "$1") - before)) &&
		live_is ESTABLISHED "$1"
}

# mtu_forged FAMILY MTU: about data that is not in flight, and about a
# connection that does not exist.
mtu_forged() {
	local numbers port seq

	numbers=$(live_where) || return
	read -r port seq _ <<<"$numbers"
	attempt 'not in flight' inside "$1" \
		inject_mtu "$1" "$port" "$(plus "$seq" 268435456)" "$2" &&
		attempt 'no connection' inside "$1" \
			inject_mtu "$1" 1 "$seq" "$2"
}

# mtu_genuine FAMILY MTU: what a router outside says of the live connection
# arrives, and the host believes it.
mtu_genuine() {
	local numbers port seq pmtu
	local -i before

	before=$(arrivals inside "$1")
	numbers=$(live_where) || return
	read -r port seq _ <<<"$numbers"
	inject_mtu "$1" "$port" "$seq" "$2"
	soon arrived inside "$1" $((before + 1)) || return
	live_survives || return
	numbers=$(live_where) || return
	read -r _ _ _ pmtu <<<"$numbers"
	same "$2" "$pmtu"
}

# arrived SIDE FAMILY TIMES
arrived() {
	[ "$(arrivals "$1" "$2")" -eq "$3" ]
}

# inject_mtu FAMILY PORT SEQ MTU
inject_mtu() {
	on outside "$BIN/inject" mtu "$(address ROUTER "$1")" \
		"$(address INSIDE "$1")" "$2" \
		"$(address OUTSIDE "$1")" "$ECHO_PORT" "$3" "$4"
}

# each_forged CHECK FAMILY
each_forged() {
	local row

	for row in "${FORGED[@]}"; do
		"$1" "IPv$2: ${row%%|*} does not pass" forged "$2" "$row"
	done
}

# each_question CHECK FAMILY
each_question() {
	"$1" "IPv$2: a SYN from outside gets no answer" asked_outside tcp "$2"
	"$1" "IPv$2: a UDP datagram from outside gets no answer" asked_outside udp "$2"
	"$1" "IPv$2: a ping from outside gets no answer" asked_outside ping "$2"
}

arrives() {
	quietly "without a firewall: $1" "${@:2}"
}

# without_firewall: every attempt of this file, and all must arrive.
without_firewall() {
	local -i family before=$FAILED

	FIREWALL=no
	for family in 4 6; do
		live_start $family
		each_forged arrives $family
		each_question arrives $family
		arrives "IPv$family: spoofed" spoofed $family
		arrives "IPv$family: forged MTU" mtu_forged $family 1450
		live_stop
	done
	[ "$FAILED" -gt "$before" ] ||
		ok "without a firewall all that is stopped below arrives"
	FIREWALL=yes
}
