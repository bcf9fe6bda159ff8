# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# statewall redirect: the kernel hands over, answers what is rejected, and
# decides by the rescue rules while the daemon is dead, or stuck.

SSH=22 WEB=80 REJECTED=9

redirection() {
	local family

	redirected_policy >"$DIR/statewall.conf"
	serve_firewall
	own_rules
	installing
	without_daemon 'no daemon'
	with_daemon
	stuck_daemon
	dead_daemon
	mending
	on_failure
	flooded
	foreign_rules
	removing
}

# redirected_policy [SETTINGS OF REDIRECT]
redirected_policy() {
	cat <<-END
		version = 1;
		redirect = { queues = "0-1"; ${1-queue_length = 16;} };
		rescue = { ssh_from = [ "10.1.0.0/16", "2001:db8:10::/64" ]; };
		zones = { lan = { interfaces = [ "lan*" ]; };
			wan = { interfaces = [ "wan*" ]; }; };
		policy = { input = "drop"; forward = "drop"; output = "accept"; };
		rules = (
		  { name = "no"; action = "reject"; dport = $REJECTED; },
		  { name = "web"; action = "accept"; to = "self"; dport = $WEB; },
		  { name = "out"; action = "accept"; from = "lan"; to = "wan"; }
		);
	END
}

REDIRECT=(nsenter --net=/run/netns/firewall -- "$BUILD/statewall" redirect
	-c "$DIR/statewall.conf")

redirect() {
	"${REDIRECT[@]}" "$@" </dev/null
}

# For the demonstration: what happens while nobody is there.
absence() {
	local family

	heading "The daemon is gone"
	serve_firewall
	live_start 4
	check "a connection lives" live_survives
	check "SIGTERM ends the daemon in order" stop_daemon
	check "the connection lives on" live_survives
	for family in 4 6; do
		check "IPv$family: SSH from inside reaches the firewall" \
			firewall_is answered $family inside tcp $SSH
		check "IPv$family: from outside it does not" \
			firewall_is silent $family outside tcp $SSH
		check "IPv$family: nothing new is forwarded" \
			opens $family silent
	done
	live_stop
}

removed_all() {
	redirect remove && ! all_rules | grep STATEWALL
}

serve_firewall() {
	on firewall "$BIN/echo" $SSH
	on firewall "$BIN/echo" $WEB
}

# Of somebody else, in each table that is touched.
own_rules() {
	local tables

	for tables in iptables ip6tables; do
		on firewall $tables -w -t security -A INPUT -i nowhere0 -j DROP
		on firewall $tables -w -t mangle -A PREROUTING -i lan0 \
			-j MARK --set-mark 0x5
		on firewall $tables -w -t mangle -A POSTROUTING -o wan0 \
			-m mark --mark 0x5
		on firewall $tables -w -N mine
		on firewall $tables -w -A FORWARD -i nowhere0 -j mine
		on firewall $tables -w -A mine -m comment \
			--comment 'x -j STATEWALL-IN' -j ACCEPT
	done
}

# Both families, without counters and dates.
all_rules() {
	on firewall iptables-save | sed '/^#/d; s/\[[0-9:]*\]//'
	on firewall ip6tables-save | sed '/^#/d; s/\[[0-9:]*\]//'
}

installing() {
	RULES_BEFORE=$(all_rules)
	check "statewall redirect status: it is not there, status 1" \
		ends 1 'not there' "${REDIRECT[@]}" status
	check "without the capability: status 4" ends 4 CAP_NET_ADMIN \
		"${AS_NOBODY[@]}" "$BUILD/statewall" redirect apply
	check "without iptables: it says so" without_iptables
	check "statewall redirect apply" redirect apply
	RULES=$(all_rules)
	check "applied again it changes nothing" applied_again
	check "status 0 now" ends 0 'in place' "${REDIRECT[@]}" status
	check "the jumps come first" jumps_are_first
}

without_iptables() {
	PATH_BEFORE=$PATH
	PATH=/nowhere ends 1 'not in PATH' /usr/bin/nsenter \
		--net=/run/netns/firewall -- "$BUILD/statewall" redirect apply \
		-c "$DIR/statewall.conf"
	PATH=$PATH_BEFORE
}

applied_again() {
	redirect apply && same "$RULES" "$(all_rules)"
}

jumps_are_first() {
	local chain

	for chain in INPUT FORWARD OUTPUT; do
		on firewall iptables-save -t filter | grep "^-A $chain " |
			head -n 1 | grep -q STATEWALL || return
	done
}

# ask_firewall FAMILY SIDE PROTOCOL PORT: of the firewall.
ask_firewall() {
	local address

	case $2$1 in
	inside4) address=10.1.0.1 ;;
	inside6) address=2001:db8:10::1 ;;
	outside*) address=$(address WAN "$1") ;;
	esac
	on "$2" "$BIN/probe" "$3" "$address" "$4" 2>&1
}

# firewall_is OUTCOME FAMILY SIDE PROTOCOL PORT
firewall_is() {
	same "$1" "$(ask_firewall "${@:2}")"
}

without_daemon() {
	local family

	for family in 4 6; do
		check "$1, IPv$family: SSH of an administrator passes" \
			firewall_is answered $family inside tcp $SSH
		check "$1, IPv$family: SSH of others does not" \
			firewall_is silent $family outside tcp $SSH
		check "$1, IPv$family: the web is blocked" \
			firewall_is silent $family inside tcp $WEB
		check "$1, IPv$family: nothing new is forwarded" \
			opens $family silent
	done
}

with_daemon() {
	local family before

	check "the daemon starts" start_daemon
	for family in 4 6; do
		check "IPv$family: with it the policy decides: the web" \
			firewall_is answered $family inside tcp $WEB
		check "IPv$family: SSH is not in the policy" \
			firewall_is silent $family inside tcp $SSH
		before=$(marked $family)
		check "IPv$family: what may be forwarded is" \
			opens $family answered
		check "IPv$family: with the mark that others gave it" \
			more_marked $family "$before"
		check "IPv$family: what this machine sends is routed once" \
			routed_once $family
		rejects $family
	done
	check "no reject went unanswered" nobody_says 'dropped in silence'
}

# A packet of ours that is routed again because its mark has changed goes
# nowhere.
routed_once() {
	on firewall ip -"$1" rule add pref 9 \
		fwmark 0x10000000/0x10000000 blackhole || return
	probe_is answered firewall tcp "$(address OUTSIDE "$1")" "$ECHO_PORT"
	local -i status=$?

	on firewall ip -"$1" rule del pref 9
	return $status
}

# marked FAMILY: packets that leave with somebody else's mark, and no other.
marked() {
	local tables=iptables

	[ "$1" = 4 ] || tables=ip6tables
	on firewall $tables -w -t mangle -vnxL POSTROUTING |
		awk '/0x5/ { print $1 }'
}

more_marked() {
	[ "$(marked "$1")" -gt "$2" ]
}

nobody_says() {
	! has_logged "$1"
}

# rejects FAMILY: at once, on all ways.
rejects() {
	local protocol

	for protocol in tcp udp; do
		check "IPv$1: a rejected $protocol is refused: input" \
			firewall_is refused "$1" inside $protocol $REJECTED
		check "IPv$1: a rejected $protocol is refused: forward" \
			probe_is refused inside $protocol \
			"$(address OUTSIDE "$1")" $REJECTED
		check "IPv$1: a rejected $protocol is refused: output" \
			probe_is refused firewall $protocol \
			"$(address OUTSIDE "$1")" $REJECTED
	done
}

# The queue is full, so that no packet waits for who does not come.
stuck_daemon() {
	kill -STOP "$DAEMON"
	fill_queues
	without_daemon 'a daemon that is stuck'
	check "the rescue rules have counted it" counts_rescue
	kill -CONT "$DAEMON"
	check "it goes on" soon firewall_is answered 4 inside tcp $WEB
}

# A queue is chosen by the two hosts.
fill_queues() {
	local -i i

	for ((i = 0; i < 40; i++)); do
		on inside bash -c 'echo >/dev/udp/10.1.0.1/99
			echo >/dev/udp/2001:db8:10::1/99
			echo >/dev/udp/198.51.100.2/99
			echo >/dev/udp/2001:db8:20::2/99'
		on outside bash -c 'echo >/dev/udp/198.51.100.1/99
			echo >/dev/udp/2001:db8:20::1/99'
	done
}

counts_rescue() {
	redirect status | grep 'not judged by statewalld: [1-9]'
}

dead_daemon() {
	local family

	live_start 4
	check "a connection is open" live_survives
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
	check "a dead daemon: it goes on" live_survives
	without_daemon 'a dead daemon'
	accepting -I
	check "a dead daemon, and others accept all before we are asked: it goes on" \
		live_survives
	for family in 4 6; do
		check "then, IPv$family: SSH of an administrator passes" \
			firewall_is answered $family inside tcp $SSH
		check "then, IPv$family: the web is blocked as well" \
			firewall_is silent $family inside tcp $WEB
		check "then, IPv$family: nothing new is forwarded" \
			opens $family silent
	done
	accepting -D
	live_stop
}

# accepting -I|-D: as Docker does it in FORWARD.
accepting() {
	local tables

	for tables in iptables ip6tables; do
		on firewall $tables -w "$1" INPUT -j ACCEPT
		on firewall $tables -w "$1" FORWARD -j ACCEPT
	done
}

# Whatever is taken away is put back.
mending() {
	"${REDIRECT[@]}" watch --every 1 >"$DIR/watch" 2>&1 &
	WATCH=$!
	check "the watch is quiet when nothing is wrong" test ! -s "$DIR/watch"
	damaged filter iptables -F
	damaged filter ip6tables -F
	damaged mangle iptables -t mangle -F
	damaged security iptables -t security -F STATEWALL-IN
	damaged filter iptables -D STATEWALL-IN 2
	check "what the watch puts back is what was there" \
		same "$RULES" "$(restored_rules)"
	on firewall iptables -w -I INPUT -i nowhere0 -j ACCEPT
	check "rules in front of ours are told" \
		soon grep -q 'stand before ours' "$DIR/watch"
	on firewall iptables -w -D INPUT -i nowhere0 -j ACCEPT
	: >"$DIR/watch"
	redirect remove >/dev/null
	redirect status >/dev/null
	check "what was removed on purpose is left so" still_removed
	redirect apply >/dev/null
	kill $WATCH
	wait $WATCH 2>/dev/null
	unhealed
}

# A change wakes it; it has looked when it waits again.
still_removed() {
	local -i before

	before=$(waits "$WATCH")
	on firewall iptables -w -A mine -i nowhere1
	on firewall iptables -w -D mine -i nowhere1
	soon waited_more "$WATCH" $((before + 2)) || return
	ends 1 'not there' "${REDIRECT[@]}" status && test ! -s "$DIR/watch"
}

# waits PID: how often it has.
waits() {
	awk '/^voluntary_ctxt_switches:/ { print $2 }' "/proc/$1/status"
}

waited_more() {
	[ "$(waits "$1")" -gt "$2" ]
}

unhealed() {
	redirected_policy 'self_heal = false;' >"$DIR/statewall.conf"
	"${REDIRECT[@]}" watch --every 1 >"$DIR/watch" 2>&1 &
	WATCH=$!
	on firewall iptables -F STATEWALL-IN
	check "self_heal = false: it is told" 		soon grep -q 'it is left so' "$DIR/watch"
	check "and left so" ends 1 'not as it should be' "${REDIRECT[@]}" status
	kill $WATCH
	wait $WATCH 2>/dev/null
	redirected_policy >"$DIR/statewall.conf"
	redirect apply >/dev/null
}

# damaged TABLE COMMAND...
damaged() {
	: >"$DIR/watch"
	on firewall "${@:2}"
	check "${*:2}: it is noticed" \
		soon grep -q "missing or changed, in table $1" "$DIR/watch"
	check "${*:2}: and mended" soon ends 0 'in place' "${REDIRECT[@]}" status
}

# A flush took rules of others as well, which are not ours to put back.
restored_rules() {
	local tables

	for tables in iptables ip6tables; do
		on firewall $tables -w -A FORWARD -i nowhere0 -j mine
		on firewall $tables -w -A mine -m comment \
			--comment 'x -j STATEWALL-IN' -j ACCEPT
	done
	on firewall iptables -w -t mangle -A PREROUTING -m socket
	on firewall iptables -w -t mangle -A PREROUTING -i lan0 \
		-j MARK --set-mark 0x5
	on firewall iptables -w -t mangle -A POSTROUTING -o wan0 \
		-m mark --mark 0x5
	all_rules
}

# What redirect.on_failure says, without a daemon.
on_failure() {
	redirected_policy 'on_failure = "closed";' >"$DIR/statewall.conf"
	check "on_failure = closed" redirect apply
	check "closed: nothing passes" \
		firewall_is silent 4 inside tcp $SSH
	check "closed: the daemon starts" start_daemon
	check "closed: with it the policy decides" \
		firewall_is answered 4 inside tcp $WEB
	check "closed: what this machine opens passes" \
		probe_is answered firewall tcp "$OUTSIDE4" "$ECHO_PORT"
	check "closed: a reject is answered" \
		firewall_is refused 6 inside tcp $REJECTED
	stop_daemon
	redirected_policy 'on_failure = "open";' >"$DIR/statewall.conf"
	check "on_failure = open warns" ends 0 'everything passes' "${REDIRECT[@]}" apply
	check "open: everything passes" firewall_is answered 6 inside tcp $WEB
	redirected_policy >"$DIR/statewall.conf"
	check "and back" redirect apply
	check "is what it was" same "$RULES" "$(all_rules)"
}

# The kernel tracks what comes before we judge it, and must not run out of room
# before we do: what we refuse takes none.
flooded() {
	local flood
	local -i connections=500 before

	before=$(tracked)
	redirected_policy 'on_failure = "rescue";' >"$DIR/statewall.conf"
	redirect apply >/dev/null
	start_daemon
	nsenter --net=/run/netns/outside -- "$BIN/flood" "$FLOOD4" "$WAN4" \
		$WEB 10000 &
	flood=$!
	soon refused_more_than 10000
	check "$connections connections during a SYN flood" \
		on inside timeout "$PATIENCE" "$BIN/connects" 10.1.0.1 $WEB \
		$connections
	kill $flood
	wait $flood 2>/dev/null
	check "the flood was there" refused_more_than 10000
	check "the kernel tracks what we have let in, and nothing else" \
		tracks_little $before
	stop_daemon
	redirected_policy >"$DIR/statewall.conf"
	redirect apply >/dev/null
}

tracked() {
	on firewall cat /proc/sys/net/netfilter/nf_conntrack_count
}

# tracks_little BEFORE: so many were there before.
tracks_little() {
	local -i fresh created

	fresh=$(($(tracked) - $1))
	created=$(connections_created)
	[ $fresh -le $created ] || {
		echo "it tracks $fresh, we have let in $created"
		return 1
	}
}

refused_more_than() {
	local -i dropped

	dropped=$(report | sed -n 's/^packets: .* \([0-9]*\) dropped;.*/\1/p')
	[ $dropped -gt "$1" ] || {
		echo "$dropped dropped"
		return 1
	}
}

# By other rules than ours a reject is a drop, not an accept.
foreign_rules() {
	redirect remove >/dev/null
	start_daemon
	filtering -A -j NFQUEUE --queue-balance 0:1
	check "by rules of his own: the policy decides" \
		firewall_is answered 4 inside tcp $WEB
	on outside "$BIN/echo" $REJECTED
	check "by rules of his own: a reject does not pass" \
		probe_is silent inside tcp "$OUTSIDE4" $REJECTED
	check "and the log says why nobody answers" \
		soon has_logged 'dropped in silence'
	filtering -D -j NFQUEUE --queue-balance 0:1
	stop_daemon
	redirect apply >/dev/null
}

removing() {
	check "statewall redirect remove" redirect remove
	check "all rules are as they were" same "$RULES_BEFORE" "$(all_rules)"
	check "removed again it changes nothing" \
		ends 0 'nothing to be done' "${REDIRECT[@]}" remove --yes
}
