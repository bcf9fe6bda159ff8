# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The daemon as a service: what it tells, with what it starts, how it ends.

lifecycle() {
	readiness
	refusals_to_start
	signals
	kept_tables
	violent_end
}

readiness() {
	check "it starts as an ordinary user" start_daemon --queues 0-3
	check "READY=1 comes when every queue is bound" bound_are 0 1 2 3
	check "it runs as that user" status_is Uid 65534
	check "it holds CAP_NET_ADMIN and nothing else" \
		status_is CapEff 0000000000001000
	check "it cannot get more" status_is NoNewPrivs 1
	check "it ends with status 0 at SIGTERM" stopped_with 0 TERM
	check "it says STOPPING=1" has_said STOPPING=1
	check "its queues are free again" bound_are
	check "it starts again at once" start_daemon --queues 0-3
	check "it ends with status 0 at SIGINT" stopped_with 0 INT
}

# bound_are NUMBER...: the queues of the firewall that have a listener.
bound_are() {
	same "$*" "$(on firewall cat /proc/net/netfilter/nfnetlink_queue |
		awk '{ print $1 }' | sort -n | xargs)"
}

# status_is KEY VALUE: of its process.
status_is() {
	same "$2" "$(awk -v key="$1:" '$1 == key { print $2 }' \
		"/proc/$DAEMON/status")"
}

refusals_to_start() {
	start_daemon --queues 2
	check "a queue that is taken: status 75, and the queue is named" \
		ends 75 "queue 2" "${AS_DAEMON[@]}" "$DIR/statewalld" \
		-c "$DIR/statewall.conf" --queues 0-3
	check "the one that has it goes on" bound_are 2
	stop_daemon
	check "without the capability: status 77, and it is named" \
		ends 77 CAP_NET_ADMIN "${AS_NOBODY[@]}" "$DIR/statewalld" \
		-c "$DIR/statewall.conf"
	check "no file: status 78, and it is named" \
		ends 78 "$DIR/none.conf" "${AS_DAEMON[@]}" "$DIR/statewalld" \
		-c "$DIR/none.conf"
	edit 's/^rules/ruels/'
	check "a broken file: status 78, file and line" \
		ends 78 "$DIR/statewall.conf:$(line_of ruels):" \
		"${AS_DAEMON[@]}" "$DIR/statewalld" -c "$DIR/statewall.conf"
	check "-t says the same, with status 1" \
		ends 1 "$DIR/statewall.conf:$(line_of ruels):" \
		"${AS_NOBODY[@]}" "$DIR/statewalld" -t -c "$DIR/statewall.conf"
	prepare_policy
	check "an option that it does not know: status 64" \
		ends 64 "statewalld --help" "${AS_DAEMON[@]}" "$DIR/statewalld" --nonsense
}

# ends STATUS TEXT COMMAND...: by itself, and says the text.
ends() {
	local -i status

	timeout "$PATIENCE" "${@:3}" >"$DIR/said" 2>&1
	status=$?
	grep -qF -- "$2" "$DIR/said" || {
		echo "it does not say \"$2\" but: $(tr '\n' ' ' <"$DIR/said")"
		return 1
	}
	same "$1" $status
}

signals() {
	start_daemon
	check "SIGHUP reads the file again" reload ': loaded'
	check "it says RELOADING=1" has_said RELOADING=1
	: >"$DIR/notify"
	edit 's/"drop"/"dorp"/'
	check "a broken file is refused with file and line" \
		reload "$DIR/statewall.conf:$(line_of dorp | head -n 1):"
	check "and it says that it is ready all the same" soon has_said READY=1
	prepare_policy
	kill -HUP "$DAEMON" "$DAEMON"
	kill -HUP "$DAEMON"
	check "many SIGHUPs, and it still answers" test -n "$(report)"
	check "SIGUSR2 logs counters" has_logged 'packets: '
	stop_daemon
}

# A ban outlives the daemon.
kept_tables() {
	local state=$DIR/state

	mkdir "$state"
	echo 'bans 198.51.100.77/32 -' >"$state/tables.kept"
	chown -R 65534:65534 "$state"
	edit 's/^tables = {/& bans = { dynamic = true; block = true; persist = true; };/'
	export STATE_DIRECTORY=$state
	check "what was in a table comes back" start_daemon
	check "and it says so" has_logged '1 entry from before the start'
	rm "$state/tables.kept"
	stop_daemon
	check "at the end it is kept" \
		grep -qx 'bans 198.51.100.77/32 -' "$state/tables.kept"
	unset STATE_DIRECTORY
	prepare_policy
}

violent_end() {
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	check "packets pass" opens 4 answered
	kill -KILL "$DAEMON"
	wait "$DAEMON" 2>/dev/null
	check "after kill -9 no queue is left" soon bound_are
	check "and nothing passes while it is away" opens 4 silent
	check "it starts again at once" start_daemon
	check "and packets pass" opens 4 answered
	filtering -D -j NFQUEUE --queue-num 0
	stop_daemon
}
