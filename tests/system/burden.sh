# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The daemon on several queues, under load, and where links are narrow.

# Several queues, balanced by the kernel: an ICMP error comes by another one
# than the connection that it is about.
queues() {
	local -i family

	without_firewall
	start_daemon --queues 0-3
	filtering -A -j NFQUEUE --queue-balance 0:3
	give_many_addresses
	for family in 4 6; do
		live_start $family
		each_forged check $family
		check "IPv$family: a genuine ICMP error" \
			mtu_genuine $family 1400
		check "IPv$family: a forged one" mtu_forged $family 1300
		check "IPv$family: connections to many hosts" \
			opens_many $family
		live_stop
	done
	check "several queues had packets" busy_queues
	check "SIGTERM ends it" stop_daemon
}

# homes: a worker runs on the processor that its packets come from.  The kernel
# tells what each processor has received on the whole machine, so somebody else's
# traffic makes it take its time.
homes() {
	local cpu

	if [ "$(nproc)" -lt 2 ]; then
		skip "a worker has a home: needs two processors"
		return
	fi
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	for cpu in 1 0; do
		on outside taskset -c $cpu "$BIN/echo" $((HOME_PORT + cpu))
		check "the worker goes to processor $cpu, where packets come from" \
			soon goes_home $cpu
	done
	check "SIGTERM ends it" stop_daemon
}
HOME_PORT=1010

# goes_home CPU: with datagrams that come one by one, both ends of which are
# there.
goes_home() {
	on inside taskset -c "$1" "$BIN/pingpong" "$OUTSIDE4" \
		$((HOME_PORT + $1)) 2000 || return
	grep -h '^Cpus_allowed_list:' /proc/"$DAEMON"/task/*/status |
		grep -q "[[:space:]]$1\$"
}

# give_many_addresses: to the machine outside.
give_many_addresses() {
	local -i i

	for i in {10..40}; do
		addresses outside eth0 198.51.100.$i/24 2001:db8:20::$i/64
	done
}

# opens_many FAMILY
opens_many() {
	local -i i
	local prefix=198.51.100.

	[ "$1" = 4 ] || prefix=2001:db8:20::
	for i in {10..40}; do
		probe_is answered inside tcp $prefix$i "$ECHO_PORT" || return
	done
}

busy_queues() {
	report | awk '/^queue [0-9]+: [1-9]/ { n++ } END { exit n < 2 }'
}

# Thousands of connections while somebody sends SYNs from random addresses.
burden() {
	local -i family

	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	for family in 4 6; do
		live_start $family
		flood_start outside "$(address FLOOD $family)" \
			"$(address INSIDE $family)"
		check "IPv$family: 4000 connections during a SYN flood" \
			on inside timeout "$PATIENCE" "$BIN/connects" \
			"$(address OUTSIDE $family)" "$ECHO_PORT" 4000
		check "IPv$family: the flood was there" \
			counts policy 1000
		flood_stop
		check "IPv$family: the live connection survives" live_survives
		live_stop
	done
	check "no flood took a place in the table" \
		test "$(connections_created)" -eq 8002
	flood_start inside 10.1.1. 198.51.100.200
	check "4000 connections during a flood from inside" \
		on inside timeout "$PATIENCE" "$BIN/connects" \
		"$OUTSIDE4" "$ECHO_PORT" 4000
	flood_stop
	flood_start inside 10.1.7.7 198.51.100.201
	check "one source alone is stopped at a limit of its own" \
		soon counts src-halfopen 1000
	flood_stop
	check "SIGTERM ends it" stop_daemon
	full_table
}

# flood_start SIDE PREFIX VICTIM
flood_start() {
	# Not by on(): what is to be killed is the program.
	nsenter --net="/run/netns/$1" -- "$BIN/flood" "$2" "$3" "$ECHO_PORT" \
		10000 &
	FLOOD=$!
}

flood_stop() {
	kill "$FLOOD"
	wait "$FLOOD" 2>/dev/null
}

# counter REASON: how many packets had it.
counter() {
	report | awk -v reason="$1:" '$1 == "reason" && $2 == reason \
		{ n = $3 } END { print n + 0 }'
}

connections_created() {
	report | sed -n 's/^packets: .* now, \([0-9]*\) since the start.*/\1/p'
}

# What the inside may open fills the table; what nobody answered gives way.
full_table() {
	echo 'limits = { connections = 1024; };' >>"$DIR/statewall.conf"
	start_daemon
	live_start 4
	flood_start inside 10.1.1. 198.51.100.200
	check "a flood from inside fills the table" soon evicts 2000
	check "the live connection survives" live_survives
	flood_stop
	live_stop
	check "SIGTERM ends it" stop_daemon
	prepare_policy
}

# evicts MIN: connections, before their time.
evicts() {
	[ "$(report | sed -n 's/^packets: .* \([0-9]*\) evicted$/\1/p')" -ge "$1" ]
}

# counts REASON MIN
counts() {
	[ "$(counter "$1")" -ge "$2" ]
}

# Narrow links and fragments.
links() {
	local -i family

	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	for family in 4 6; do
		check "IPv$family: the firewall's next link takes 1300 octets" \
			narrow_path $family $((9000 + family))
	done
	reassemble -D
	check "fragments that the kernel does not reassemble are dropped" \
		probe_is silent inside udp "$OUTSIDE4" "$ECHO_PORT" 4000
	check "and it says how to change that" \
		soon has_logged 'fragments arrive and are dropped'
	check "SIGTERM ends it" stop_daemon
}

# narrow_path FAMILY PORT: a route whose MTU only the firewall knows.
narrow_path() {
	local outside

	outside=$(address OUTSIDE "$1")
	ip -n firewall route add "$outside" dev wan0 mtu lock 1300
	on outside "$BIN/stream" serve "$2" "$MIB" 0 >"$DIR/served"
	on inside timeout "$PATIENCE" "$BIN/stream" fetch "$outside" "$2" $((4 * MIB)) \
		>"$DIR/fetched" &&
		soon test -s "$DIR/served" &&
		ip -n inside route get "$outside" | grep 'mtu 1300'
}

# The firewall as an endpoint itself.
endpoints() {
	local -i family

	without_firewall
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	on firewall "$BIN/echo" "$ECHO_PORT"
	for family in 4 6; do
		check "IPv$family: the firewall opens a connection" \
			probe_is answered firewall tcp \
			"$(address OUTSIDE $family)" "$ECHO_PORT"
		check "IPv$family: it is answered to a ping" \
			probe_is answered firewall ping \
			"$(address OUTSIDE $family)" 1
		check "IPv$family: a SYN from outside to it gets no answer" \
			probe_is silent outside tcp \
			"$(address WAN $family)" "$ECHO_PORT"
		check "IPv$family: a UDP datagram neither" \
			probe_is silent outside udp \
			"$(address WAN $family)" "$ECHO_PORT"
	done
	check "SIGTERM ends it" stop_daemon
	filtering -D -j NFQUEUE --queue-num 0
	for family in 4 6; do
		check "IPv$family: and without the filter it would" \
			probe_is answered outside tcp \
			"$(address WAN $family)" "$ECHO_PORT"
	done
}
