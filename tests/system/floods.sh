# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# SYN floods, from one source and from random ones that are forged, and what
# honest clients see of the same port meanwhile.  The same with the kernel's own
# connection tracking and iptables, in the same run: its lines are for
# comparison and judge nothing.

FLOOD_PORT=7
FLOOD_SECONDS=${FLOOD_SECONDS:-10}
# The sender makes as many as it can.
FLOOD_RATE=${FLOOD_RATE:-1000000}
# The machine is shared: see stacks.sh.
FLOOD_TRIES=3
HANDSHAKES_MIN=98 # in a hundred
ROUNDS_MIN=90

floods() {
	local source

	give_many_addresses
	# What is answered to a forged source goes out, and nobody takes it.
	ip -n firewall route add default via 198.51.100.9
	for source in none 203.0.113.7 11.; do
		flood_iptables "$source"
	done
	with_flood_mode false
	flood_statewall 11. ', flood_mode = false'
	check "without flood mode no transfer dies" all_alive
	without_statewall
	with_flood_mode true
	for source in none 203.0.113.7 11.; do
		flood_statewall "$source"
		check "flood $source: no transfer dies" all_alive
		check "flood $source: none is slower than $ROUNDS_MIN%" \
			at_least rounds $ROUNDS_MIN
		check "flood $source: clients get in" \
			handshakes_done $HANDSHAKES_MIN
	done
	check "the flood was seen as one" counts first-syn 1000
	without_statewall
	prepare_policy
}

# with_flood_mode WHETHER
with_flood_mode() {
	flood_policy "$1"
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
}

without_statewall() {
	filtering -D -j NFQUEUE --queue-num 0
	check "SIGTERM ends it" stop_daemon
}

# flood_policy FLOOD_MODE: the port is for all.
flood_policy() {
	cat >"$DIR/statewall.conf" <<-END
		version = 1;
		limits = { flood_mode = $1; };
		policy = { output = "accept"; };
		zones = { lan = { interfaces = "lan*"; };
			  wan = { interfaces = "wan*"; }; };
		rules = (
			{ name = "echo"; action = "accept"; from = "wan";
			  to = "lan"; proto = "tcp"; dport = $FLOOD_PORT; }
		);
	END
}

# flood_iptables SOURCE: as everybody writes it.
flood_iptables() {
	local rules

	for rules in '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT' \
		"-i wan0 -p tcp --dport $FLOOD_PORT -m conntrack --ctstate NEW -j ACCEPT" \
		'-j DROP'; do
		# shellcheck disable=SC2086 # words
		on firewall iptables -w -A FORWARD $rules
	done
	during_flood "$1"
	say '     nf_conntrack %-12s %s (%d of %d places)\n' "$1" "$SEEN" \
		"$(on firewall sysctl -n net.netfilter.nf_conntrack_count)" \
		"$(on firewall sysctl -n net.netfilter.nf_conntrack_max)"
	on firewall iptables -w -F FORWARD
	on firewall conntrack -F >/dev/null 2>&1
}

# flood_statewall SOURCE [WHAT]
flood_statewall() {
	local -i before after try

	before=$(resident)
	for ((try = 0; try < FLOOD_TRIES; try++)); do
		during_flood "$1"
		! is_good >/dev/null || break
		[ -z "${2-}" ] || break
	done
	after=$(resident)
	say '     statewall    %-12s %s (%d KiB more%s)\n' "$1" "$SEEN" \
		$((after - before)) "${2-}"
}

is_good() {
	all_alive && at_least rounds $ROUNDS_MIN &&
		handshakes_done $HANDSHAKES_MIN
}

# received: packets of the firewall from outside.
received() {
	ip -n firewall -s link show dev wan0 |
		awk '/RX:/ { getline; print $2 }'
}

# during_flood SOURCE: leaves what clients saw in SEEN.
during_flood() {
	local -i i before first=10
	local sources=()

	# Who was there before has proven himself; others have not.
	[ "$1" != 11. ] || first=26
	for ((i = first; i < first + 15; i++)); do
		sources+=("198.51.100.$i")
	done
	FLOOD=
	before=$(received)
	if [ "$1" != none ]; then
		nsenter --net=/run/netns/outside -- \
			sh -c 'sleep 1; exec "$@"' - \
			"$BIN/flood" "$1" "$INSIDE4" $FLOOD_PORT "$FLOOD_RATE" &
		FLOOD=$!
	fi
	SEEN=$(on outside "$BIN/honest" "$INSIDE4" $FLOOD_PORT 20 3 \
		"$FLOOD_SECONDS" 20 "${sources[@]}")
	[ -z "$FLOOD" ] || flood_stop
	SEEN+=" $((($(received) - before) / (FLOOD_SECONDS + 3))) packets/s"
}

# seen WORD: the number behind it.
seen() {
	sed -n "s/.*$1 \([0-9/]*\).*/\1/p" <<<"$SEEN"
}

all_alive() {
	same 20/20 "$(seen transfers)"
}

# at_least WORD MIN
at_least() {
	[ "$(seen "$1")" -ge "$2" ] || {
		echo "$SEEN"
		return 1
	}
}

# handshakes_done MIN: of a hundred.
handshakes_done() {
	local answered tried

	IFS=/ read -r answered tried <<<"$(seen handshakes)"
	[ $((answered * 100)) -ge $((tried * $1)) ] || {
		echo "$SEEN"
		return 1
	}
}
