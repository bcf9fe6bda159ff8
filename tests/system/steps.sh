# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the demonstration shows, group by group.

MIB=1048576
PAUSE=3

heading() {
	say '\n%s\n' "$1"
}

# A connection from inside carries data.

transfers() {
	local family

	heading "A connection from inside"
	for family in 4 6; do
		transfer $family $((9000 + family))
	done
}

# transfer FAMILY PORT
transfer() {
	local fetch status

	on outside "$BIN/stream" serve "$2" $((64 * MIB)) $PAUSE >"$DIR/served"
	on inside timeout "$PATIENCE" "$BIN/stream" fetch \
		"$(address OUTSIDE "$1")" "$2" $((64 * MIB)) \
		>"$DIR/fetched" 2>&1 &
	fetch=$!
	soon half_closed "$2"
	status=$?
	wait $fetch
	check "IPv$1: carries 64 MiB each way unchanged" \
		equal_sums $((64 * MIB))
	check "IPv$1: with scaled windows" grep 'scale [1-9]' "$DIR/fetched"
	check "IPv$1: half-closed for $PAUSE s, then the rest arrives" \
		test $status -eq 0 -a -s "$DIR/served"
}

half_closed() {
	report | grep -q " HALF_CLOSED .* dport=$1 "
}

# equal_sums OCTETS: what one sent the other received.
equal_sums() {
	local sent received

	soon test -s "$DIR/served" || return
	read -r _ sent _ received <"$DIR/fetched"
	same "sent $received received $sent" "$(<"$DIR/served")" &&
		same "$1 $1" "${sent%:*} ${received%:*}"
}

# How connections end.  Both ends are played, so that every segment is where
# the name says.

closes() {
	local family

	heading "How a connection ends"
	for family in 4 6; do
		close_is $family 'four segments' TIME_WAIT \
			'S>' '<SA' 'A>' 'PA100>' '<A' 'FA>' '<A' '<FA' 'A>'
		close_is $family 'three segments' TIME_WAIT \
			'S>' '<SA' 'A>' 'FA>' '<FA' 'A>'
		close_is $family 'both at once' TIME_WAIT \
			'S>' '<SA' 'A>' 'FA>,<FA' 'A>,<A'
		close_is $family 'one direction only' HALF_CLOSED \
			'S>' '<SA' 'A>' 'FA>' '<A' '<PA100' 'A>'
		close_is $family 'a RST that the other side believes' CLOSED \
			'S>' '<SA' 'A>' '<PA100' 'A>' 'R>'
	done
}

# close_is FAMILY NAME STATE MOMENT...
close_is() {
	local port=$((NEXT_PORT++))

	check "IPv$1: $2, ends in $3" play_until "$1" "$3" $port "${@:4}"
}
NEXT_PORT=20000

# play_until FAMILY STATE PORT MOMENT...
play_until() {
	local client server

	client=$(address PLAYED_INSIDE "$1")
	server=$(address PLAYED_OUTSIDE "$1")
	"$BIN/play" /run/netns/inside "$client" "$3" \
		/run/netns/outside "$server" 80 "${@:4}" &&
		connection "$2" "$client" "$3" "$server" 80
}

# What is not part of a connection does not pass, and does not disturb one.

refusals() {
	local family

	for family in 4 6; do
		heading "IPv$family: forged, and the live connection survives it"
		live_start $family
		each_forged check $family
		check "IPv$family: a RST that only falls into the window is idle" \
			lucky_rst $family
		check "IPv$family: a forged \"$(mtu_message $family)\" does not pass" \
			mtu_forged $family 1450
		check "IPv$family: a genuine one passes and is heeded" \
			mtu_genuine $family 1400
		check "IPv$family: the live connection is still ESTABLISHED" \
			live_is ESTABLISHED $family

		heading "IPv$family: asked from outside"
		each_question check $family
		check "IPv$family: an inside address from outside does not pass" \
			spoofed $family
		check "IPv$family: and is logged, as the rule wants" \
			soon has_logged "$(spoofed_line $family)"
		live_stop
	done
	check "each was counted under its own reason" reasons_add_up 4
}

mtu_message() {
	if [ "$1" = 4 ]; then
		echo "fragmentation needed"
	else
		echo "packet too big"
	fi
}

spoofed_line() {
	echo "rule=spoofed reason=table IN=wan0 OUT=lan0" \
		"SRC=$(address PLAYED_INSIDE "$1") DST=$(address INSIDE "$1")"
}

# reasons_add_up TIMES: that often was each row of FORGED stopped.
reasons_add_up() {
	local report reason
	local -i times

	report=$(report)
	for reason in $(printf '%s\n' "${FORGED[@]##*|}" | sort -u); do
		times=$(printf '%s\n' "${FORGED[@]##*|}" | grep -cx "$reason")
		same "reason $reason: $((times * $1)) dropped" \
			"$(grep "^reason $reason:" <<<"$report")" || return
	done
}

# What is asked from inside is answered.

answers_inside() {
	local family

	heading "Answered from inside"
	for family in 4 6; do
		answered $family 'UDP' udp "$ECHO_PORT" 100
		answered $family 'UDP in fragments' udp "$ECHO_PORT" 4000
		answered $family 'ping' ping 1 56
		answered $family 'ping in fragments' ping 2 4000
	done
}

# answered FAMILY NAME PROTOCOL PORT LEN
answered() {
	check "IPv$1: $2" probe_is answered inside "$3" \
		"$(address OUTSIDE "$1")" "$4" "$5"
}

# A new policy takes effect at once, for new connections, and for the others
# as settings.on_reload says.

policies() {
	local family forbidding

	forbidding='{ name = "no-echo"; action = "drop"; proto = "tcp"; dport = "7"; },'
	for family in 4 6; do
		heading "IPv$family: a new policy, while a connection lives"
		live_start "$family"
		check "IPv$family: a connection is allowed" opens $family answered
		edit "/^rules *=/a $forbidding"
		edit '/^version/a settings = { on_reload = "keep"; };'
		check "IPv$family: SIGHUP loads a policy that forbids it" \
			reload ': loaded'
		check "IPv$family: a new one is refused" opens $family silent
		check "IPv$family: the live one goes on" live_survives
		edit 's/"drop"; proto/"dorp"; proto/'
		check "IPv$family: a broken policy is refused with file and line" \
			reload "$DIR/statewall.conf:$(line_of dorp):"
		say '     %s\n' "$(grep 'dorp' "$DIR/log" | tail -n 1)"
		check "IPv$family: a new one is still refused" \
			opens $family silent
		check "IPv$family: the live one still goes on" live_survives
		prepare_policy
		check "IPv$family: SIGHUP loads the first policy again" \
			reload ': loaded'
		check "IPv$family: a new one is allowed again" \
			opens $family answered
		edit "/^rules *=/a $forbidding"
		check "IPv$family: without on_reload, the live one is closed" \
			reload 'closed by the new policy: tcp'
		check "IPv$family: and is dead" live_is_dead
		prepare_policy
		check "IPv$family: SIGHUP loads the first policy once more" \
			reload ': loaded'
		live_stop
	done
}

# edit SED: the policy of the running daemon.
edit() {
	sed -i "$1" "$DIR/statewall.conf"
}

line_of() {
	grep -n "$1" "$DIR/statewall.conf" | cut -d: -f1
}

# opens FAMILY OUTCOME: a connection like the live one.
opens() {
	probe_is "$2" inside tcp "$(address OUTSIDE "$1")" "$ECHO_PORT"
}

# What the daemon has to say about it.
tell_counters() {
	heading "The firewall dropped"
	report | sed -n 's/^reason \(.*\): \([0-9]*\) dropped$/\2 \1/p' |
		xargs -n 2 printf '     %6d  %s\n'
}
