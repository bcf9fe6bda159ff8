# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Linux speaks TCP with Linux: the same traffic without the daemon and through
# it.  It may cost the two no retransmission, reset or stall that it does not
# cost without.  The kernels of the two ends count.

# What something goes wrong with is counted in one of these at least.
TROUBLES=(TcpAttemptFails TcpEstabResets TcpRetransSegs TcpInErrs TcpOutRsts
	TcpInCsumErrors TcpExtEmbryonicRsts TcpExtPAWSEstab TcpExtPAWSActive
	TcpExtListenOverflows TcpExtListenDrops TcpExtTCPLostRetransmit
	TcpExtTCPRenoRecovery TcpExtTCPSackRecovery TcpExtTCPFastRetrans
	TcpExtTCPSlowStartRetrans TcpExtTCPTimeouts TcpExtTCPLossProbes
	TcpExtTCPSpuriousRTOs TcpExtTCPSynRetrans TcpExtTCPDSACKRecv
	TcpExtTCPOFODrop TcpExtTCPRcvQDrop
	TcpExtTCPBacklogDrop TcpExtTCPZeroWindowDrop TcpExtTCPWinProbe
	TcpExtTCPAbortOnData TcpExtTCPAbortOnClose TcpExtTCPAbortOnMemory
	TcpExtTCPAbortOnTimeout TcpExtTCPAbortOnLinger TcpExtTCPAbortFailed
	TcpExtTCPChallengeACK TcpExtTCPSYNChallenge
	TcpExtTCPFastOpenActiveFail TcpExtTCPFastOpenPassiveFail
	TcpExtTCPFastOpenListenOverflow TcpExtTCPFastOpenBlackhole)

# The machine is shared, and who does not get the processor for a while answers
# late.  So a pair of runs may be repeated this often: what the daemon does wrong
# it does each time, and what it drops is never forgiven.
TRIES=3
FAST_PORT=1007
BRIEF_PORT=1008
SHORT=10000

stacks() {
	local family

	# A daemon that is many times slower is not the one that is compared.
	if [ -n "${SAN-}" ]; then
		echo 'skip stacks: not with sanitizers'
		return
	fi
	# A port learns when it is opened that it takes data in a SYN.
	on outside sysctl -qw net.ipv4.tcp_fastopen=1027
	on outside "$BIN/echo" $FAST_PORT
	on outside "$BIN/echo" -o $BRIEF_PORT
	start_daemon
	spare_accidents
	for family in 4 6; do
		options $family
		sizes $family
		short_lives $family
	done
	idle_lives
	check "the daemon dropped nothing in all that" same 0 "$(drops)"
	check "SIGTERM ends it" stop_daemon
}

# spare_accidents: of a network whose round trip takes microseconds.  A tail loss
# probe (RFC 8985 7) goes out after two of them and a little, which is no longer
# than somebody else may have the processor.  And a thread that goes on on
# another one overtakes itself, since a veth has a queue for each: the packets
# arrive in another order, which is the kernel's doing.
spare_accidents() {
	local processors

	each_end sysctl -qw net.ipv4.tcp_early_retrans=0
	processors=$(taskset -cp "$DAEMON")
	processors=${processors##*: }
	taskset -acp "${processors%%[-,]*}" "$DAEMON" >/dev/null
}

# options FAMILY: what the two ends agree on in the handshake.
options() {
	local all='scale [1-9].* timestamps sack'

	equals "IPv$1: all options" -- streams "$1" 32 "$all"
	equals "IPv$1: without window scaling" tcp_window_scaling=0 -- \
		streams "$1" 8 'scale none timestamps sack'
	equals "IPv$1: without timestamps" tcp_timestamps=0 -- \
		streams "$1" 8 'scale [1-9][0-9 ]* sack'
	equals "IPv$1: without SACK" tcp_sack=0 -- \
		streams "$1" 8 'scale [1-9].* timestamps mss'
	equals "IPv$1: without any option" tcp_window_scaling=0 \
		tcp_timestamps=0 tcp_sack=0 -- streams "$1" 8 'scale none mss'
}

# sizes FAMILY: of windows and segments.
sizes() {
	equals "IPv$1: tiny windows" tcp_rmem='4096 4096 4096' -- \
		streams "$1" 1 scale
	# Of these, timestamps take 12.
	each_route advmss 536
	equals "IPv$1: segments of 536 octets" -- streams "$1" 8 'mss 524$'
	each_route
	each_link 65535
	# The largest that the length field of the IP header has room for.
	equals "IPv$1: segments of 64 KiB" -- streams "$1" 32 'mss 654[68]3$'
	each_link 1500
}

# short_lives FAMILY
short_lives() {
	equals "IPv$1: data in the SYN" -- opens_fast "$1"
	equals "IPv$1: $SHORT connections from 2000 ports" tcp_tw_reuse=1 \
		ip_local_port_range='20000 21999' -- opens_often "$1" "$SHORT"
	equals "IPv$1: $SHORT that the server closes, from 2000 ports" \
		ip_local_port_range='30000 31999' -- \
		waits_often "$1" "$SHORT"
}

idle_lives() {
	equals "both families: keep-alives each second" -- idles
}

# equals NAME SETTING... -- TRAFFIC...: with these settings of both ends the
# traffic passes as well with the daemon as it does without.
equals() {
	local name=$1 setting
	local -a before=()

	shift
	for setting; do
		shift
		[ "$setting" != -- ] || break
		before+=("$(on inside sysctl "net.ipv4.${setting%%=*}")")
		each_end sysctl -qw "net.ipv4.$setting"
	done
	check "stacks: $name" passes_as_well "$@"
	for setting in "${before[@]}"; do
		each_end sysctl -qw "${setting/ = /=}"
	done
}

# passes_as_well TRAFFIC...
passes_as_well() {
	local -i try

	for ((try = 0; try < TRIES; try++)); do
		troubles_of "$@" >"$DIR/without" || return
		through_daemon troubles_of "$@" >"$DIR/with" || return
		has_more_troubles >"$DIR/more" || return 0
	done
	echo "without and with the daemon: $(<"$DIR/more")"
	return 1
}

# through_daemon COMMAND...: which it lets pass as a whole.
through_daemon() {
	local -i status drops created

	drops=$(drops)
	created=$(connections_created)
	filtering -A -j NFQUEUE --queue-num 0
	"$@"
	status=$?
	filtering -D -j NFQUEUE --queue-num 0
	same "$drops dropped" "$(drops) dropped" >&2 || return
	[ $status -eq 0 ] || return $status
	[ "$(connections_created)" -gt $created ] || {
		echo "it did not see a connection" >&2
		return 1
	}
}

# has_more_troubles: with the daemon, and which.
has_more_troubles() {
	awk 'FILENAME == ARGV[1] { without[$1 " " $2] = $3; next }
		{ key = $1 " " $2 }
		$3 > without[key] { print key, without[key] + 0, $3; n++ }
		END { exit !n }' "$DIR/without" "$DIR/with"
}

# troubles_of TRAFFIC...: a line for each counter that moved meanwhile.
troubles_of() {
	troubles >"$DIR/before"
	"$@" >&2 && soon all_closed >&2 || return
	troubles | awk 'FILENAME == ARGV[1] { before[$1 $2] = $3; next }
		$3 > before[$1 $2] { print $1, $2, $3 - before[$1 $2] }
	' "$DIR/before" -
}

# troubles: SIDE COUNTER VALUE.
troubles() {
	local side

	for side in inside outside; do
		on $side nstat -asz "${TROUBLES[@]}" | awk -v side=$side \
			'/^[A-Z]/ { print side, $1, $2 }'
	done
}

# counted SIDE COUNTER
counted() {
	on "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}

# all_closed: nobody has anything left to say.
all_closed() {
	local side

	for side in inside outside; do
		[ -z "$(on $side ss -Htn state connected \
			exclude time-wait)" ] || return
	done
}

# drops: how many packets the daemon has dropped.
drops() {
	report | sed -n 's/^packets: .* \([0-9]*\) dropped;.*/\1/p'
}

each_end() {
	on inside "$@"
	on outside "$@"
}

# each_route [METRIC...]: of both ends.
each_route() {
	ip -n inside route change default via 10.1.0.1 "$@"
	ip -n inside route change default via 2001:db8:10::1 "$@"
	ip -n outside route change default via 198.51.100.1 "$@"
	ip -n outside route change default via 2001:db8:20::1 "$@"
}

# each_link MTU
each_link() {
	ip -n firewall link set lan0 mtu "$1"
	ip -n firewall link set wan0 mtu "$1"
	ip -n inside link set eth0 mtu "$1"
	ip -n outside link set eth0 mtu "$1"
}

# Traffic.

# streams FAMILY MIB PATTERN: both ways, by a connection like that.
streams() {
	local port=$((9000 + $1)) octets=$(($2 * MIB))

	: >"$DIR/served"
	on outside "$BIN/stream" serve $port $octets 0 >"$DIR/served"
	on inside timeout "$PATIENCE" "$BIN/stream" fetch \
		"$(address OUTSIDE "$1")" $port $octets >"$DIR/fetched" &&
		equal_sums $octets && shows "$3" "$DIR/fetched"
}

# shows PATTERN FILE
shows() {
	grep -q -- "$1" "$2" || {
		echo "no \"$1\" in: $(<"$2")"
		return 1
	}
}

# opens_fast FAMILY
opens_fast() {
	local -i before

	before=$(counted outside TcpExtTCPFastOpenPassive)
	on inside timeout "$PATIENCE" "$BIN/connects" -f \
		"$(address OUTSIDE "$1")" $FAST_PORT 500 || return
	# All but the first ones, which ask for the cookie.
	moved outside TcpExtTCPFastOpenPassive $before 490
}

# opens_often FAMILY COUNT
opens_often() {
	local -i before

	before=$(counted inside TcpExtTWRecycled)
	on inside timeout "$PATIENCE" "$BIN/connects" \
		"$(address OUTSIDE "$1")" "$ECHO_PORT" "$2" || return
	moved inside TcpExtTWRecycled $before $(($2 / 2))
}

# waits_often FAMILY COUNT: the server is left with the TIME_WAIT of each port,
# and a SYN ends that (RFC 6191).
waits_often() {
	local -i waiting

	on inside timeout "$PATIENCE" "$BIN/connects" -w \
		"$(address OUTSIDE "$1")" $BRIEF_PORT "$2" || return
	waiting=$(on outside ss -Htn state time-wait \
		"sport = :$BRIEF_PORT" | wc -l)
	[ $waiting -ge 500 ] || {
		echo "only $waiting ports are in TIME_WAIT"
		return 1
	}
}

# moved SIDE COUNTER BEFORE MIN
moved() {
	local -i now

	now=$(counted "$1" "$2")
	[ $((now - $3)) -ge "$4" ] || {
		echo "$2 moved by $((now - $3)) only"
		return 1
	}
}

# idles: both families at once, for some seconds in each of two states.
idles() {
	local family
	local -i before
	local -a clients=()

	before=$(counted inside TcpExtTCPKeepAlive)
	for family in 4 6; do
		on outside "$BIN/stream" -k serve $((9000 + family)) "$MIB" 3 \
			>"$DIR/served$family"
		on inside timeout "$PATIENCE" "$BIN/stream" -k fetch \
			"$(address OUTSIDE $family)" $((9000 + family)) "$MIB" \
			>"$DIR/fetched" &
		clients+=($!)
	done
	wait "${clients[0]}" && wait "${clients[1]}" || return
	moved inside TcpExtTCPKeepAlive $before 4
}
