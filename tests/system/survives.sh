# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The daemon ends, in all ways that there are, while packets flow; what systemd
# does for it keeper.c does.

TRANSFERS=4
TRANSFER_OCTETS=$((96 * MIB))
CONNECTS=1500 # of each client, one after the other
KILLS_MIN=5

survives() {
	STATE=$DIR/state
	mkdir "$STATE"
	chown 65534:65534 "$STATE"
	export STATE_DIRECTORY=$STATE
	check "it starts with somebody who keeps what it has" keep_daemon
	filtering -A -j NFQUEUE --queue-num 0
	killed_often
	restarted
	kept_in_a_file
	damaged_file
	filtering -D -j NFQUEUE --queue-num 0
	unset STATE_DIRECTORY
}

keep_daemon() {
	rm -f "$DIR/notify.socket"
	"$BIN/keeper" "$DIR/notify.socket" "${AS_DAEMON[@]}" \
		"$DIR/statewalld" -c "$DIR/statewall.conf" "$@" \
		>"$DIR/notify" 2>"$DIR/log" &
	KEEPER=$!
	serves 1
}

# serves TIMES: it has been ready that often; DAEMON is the last one.
serves() {
	soon was_ready "$1" || return
	DAEMON=$(sed -n 's/^MAINPID=//p' "$DIR/notify" | tail -n 1)
}

was_ready() {
	[ "$(grep -c '^READY=1' "$DIR/notify")" -ge "$1" ]
}

times_ready() {
	grep -c '^READY=1' "$DIR/notify"
}

stop_keeping() {
	kill "$KEEPER"
	wait "$KEEPER"
}

# Transfers, new connections, questions in UDP, and one connection that is
# asked at the end.
begin_all() {
	local -i i

	live_start 4
	live_survives || return
	WORKERS=()
	for ((i = 0; i < TRANSFERS; i++)); do
		on outside "$BIN/stream" serve $((9100 + i)) \
			$TRANSFER_OCTETS 0 >"$DIR/served.$i"
		on inside "$BIN/stream" fetch "$OUTSIDE4" $((9100 + i)) \
			$TRANSFER_OCTETS >"$DIR/fetched.$i" 2>&1 &
		WORKERS+=($!)
	done
	for ((i = 0; i < 2; i++)); do
		on inside "$BIN/connects" "$OUTSIDE4" "$ECHO_PORT" \
			$CONNECTS >"$DIR/connects.$i" 2>&1 &
		WORKERS+=($!)
	done
	on inside "$BIN/pingpong" "$OUTSIDE4" "$ECHO_PORT" 3000 \
		>"$DIR/pings" 2>&1 &
	WORKERS+=($!)
}

# wait_for_all: each ends well.
wait_for_all() {
	local worker
	local -i bad=0

	for worker in "${WORKERS[@]}"; do
		wait "$worker" || bad+=1
	done
	same 0 $bad || cat "$DIR"/fetched.* "$DIR"/connects.* "$DIR/pings"
	[ $bad -eq 0 ]
}

transfers_are_whole() {
	local -i i

	for ((i = 0; i < TRANSFERS; i++)); do
		cp "$DIR/served.$i" "$DIR/served"
		cp "$DIR/fetched.$i" "$DIR/fetched"
		equal_sums $TRANSFER_OCTETS || return
	done
}

killed_often() {
	local -i kills=0 before

	before=$(connections_known)
	begin_all || return
	while [ $kills -lt $KILLS_MIN ] || has_work; do
		sleep 0.3
		kill -KILL "$DAEMON"
		kills+=1
		quietly "after kill -9 it serves again" serves $((kills + 1))
	done
	say '     kill -9 %d times; from the end to service: %s ms at most\n' \
		$kills "$(service_max)"
	check "kill -9 while packets flow: all transfers and all new connections end well" \
		wait_for_all
	check "no octet of a transfer was lost" transfers_are_whole
	check "of questions in UDP, at most those that were being judged are lost" \
		lost_at_most $kills
	check "the connection from before them goes on" live_survives
	check "each process had the connections of the one before" \
		took_over $kills
	check "and no packet waits without a verdict" nothing_waits
	live_stop
}

has_work() {
	local worker

	for worker in "${WORKERS[@]}"; do
		kill -0 "$worker" && return
	done
	return 1
} 2>/dev/null

# service_max: the longest time without service, in ms.
service_max() {
	sed -n 's/^SERVICE_US=//p' "$DIR/notify" | sort -n | tail -n 1 |
		awk '{ printf "%.1f\n", $1 / 1000 }'
}

lost_at_most() {
	awk -v max="$1" 'NF != 3 || $3 > max { print "lost: " $0; bad = 1 }
		END { exit bad }' "$DIR/pings"
}

connections_known() {
	report | sed -n 's/.*connections: \([0-9]*\) now.*/\1/p'
}

# took_over TIMES: and each time some.
took_over() {
	same "$1" "$(grep -c 'connections: [1-9][0-9]* from before the start' \
		"$DIR/log")" || return
	! grep 'damaged\|cannot be used' "$DIR/log"
}

nothing_waits() {
	soon is_empty
}

is_empty() {
	same 0 "$(kernel_says 3)"
}

restarted() {
	local port
	local -i before

	before=$(times_ready)
	port=$(queue_port)
	live_start 6
	quietly "a connection lives" live_survives
	kill -USR1 "$KEEPER"
	check "SIGTERM and a start: it serves again" serves $((before + 1))
	check "with the same socket" same "$port" "$(queue_port)"
	check "the connection goes on" live_survives
	live_stop
}

queue_port() {
	kernel_says 2
}

# kernel_says FIELD: of its line about the queue.
kernel_says() {
	on firewall cat /proc/net/netfilter/nfnetlink_queue |
		awk -v field="$1" '{ print $field }'
}

kept_in_a_file() {
	live_start 4
	quietly "a connection lives" live_survives
	check "it stops, and nobody keeps anything" stop_keeping
	check "no queue is left" soon bound_are
	check "the connections are in a file" test -s "$STATE/connections"
	check "which nobody else may read" same 600 \
		"$(stat -c %a "$STATE/connections")"
	check "it starts again" keep_daemon
	check "it has the connections" took_over 1
	check "the connection goes on" live_survives
	check "the file is not used twice" test ! -e "$STATE/connections"
	live_stop
}

damaged_file() {
	live_start 4
	quietly "a connection lives" live_survives
	quietly "it stops" stop_keeping
	printf x | dd of="$STATE/connections" bs=1 seek=1000 conv=notrunc \
		status=none
	check "with a damaged file it starts all the same" keep_daemon
	check "and says so" has_logged \
		'the table from before the start cannot be used: it is damaged'
	check "the connection is met in the middle and goes on" live_survives
	check "as one that was picked up" soon has_picked_up
	live_stop
	quietly "it stops" stop_keeping
}

has_picked_up() {
	report | grep -q '^reason picked-up: [1-9]'
}
