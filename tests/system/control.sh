# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The commands that ask the running daemon: what they print, how they exit, who
# may use them.

control() {
	install -m 755 "$BUILD/statewall" "$DIR/statewall"
	check "without a daemon: status 3" answers 3 "no daemon answers" \
		status
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	live_start 4
	live_ask echo >/dev/null
	check "status" answers 0 "connections 1 of" status
	check "status --json" answers 0 '"generation":1' status --json
	check "connections" answers 0 "rule=lan-out" connections tcp dport 7
	check "connections --json" answers 0 '"zone_from":"lan"' \
		connections --json
	check "rules" answers 0 "lan-out                  accept   matches=1" \
		rules
	check "rules --unused" same "" \
		"$(asked rules --unused | grep lan-out)"
	check "tables" answers 0 "networks=2 added=0" tables
	check "metrics" answers 0 'statewall_connections 1' metrics
	check "metrics: of rules" answers 0 \
		'statewall_rule_packets_total{rule="lan-out",action="accept"}' \
		metrics
	if command -v promtool >/dev/null; then
		check "metrics as Prometheus wants them" metrics_are_clean
	else
		skip "metrics as Prometheus wants them: no promtool"
	fi
	check "a filter that matches nothing" same "" "$(asked connections udp)"
	check "a filter that is none: status 2" answers 2 'did you mean "dport"?' \
		connections dprt 7
	check "who is in no group: status 4" ends 4 "in group statewall" \
		setpriv --reuid=65533 --regid=65533 --clear-groups \
		"$DIR/statewall" status --runtime "$DIR/runtime"
	check "why, of an opening" answers 0 "accept   new" why dport 7
	check "a packet that is dropped" probe_is silent outside tcp \
		"$(address INSIDE 4)" "$ECHO_PORT"
	check "why, of a drop: the hook if it was the policy" answers 0 \
		"drop     policy           forward" why verdict drop
	check "why, of an address" answers 0 "> $(address INSIDE 4):7" \
		why "$(address INSIDE 4)"
	check "why --json" answers 0 '"count":1' why dport 7 and verdict accept --json
	check "why, of an address that nothing is known of" same "" \
		"$(asked why 203.0.113.250)"
	check "why without an address: status 2" answers 2 "which address" why
	check "why, of no filter: status 2" answers 2 "did you mean" \
		why reasn policy
	guard_commands
	check "kill without a filter: status 2" answers 2 '"all"' kill
	check "kill" answers 0 "closed: 1" kill dport 7
	check "the connection is gone" same "" "$(asked connections)"
	check "who made a change is logged" has_logged "kill dport 7: by root"
	check "reload" answers 0 "loaded generation 5" reload
	edit 's/^rules/ruels/'
	check "reload of a broken file: status 1, file and line" \
		answers 1 "$DIR/statewall.conf:$(line_of ruels):" reload
	check "status then: 1" answers 1 "not in force" status
	prepare_policy
	check "reload of the mended one" answers 0 "generation 6" reload
	edit 's/^tables = {/& friends = { dynamic = true; never_block = true; }; bad = { dynamic = true; block = true; }; vip = { entries = [ "192.0.2.7" ]; never_block = true; };/'
	check "a table to block with" answers 0 "generation 7" reload
	check "block" answers 0 "table bad: 203.0.113.9" \
		block 203.0.113.9 --for 1h --reason "too loud"
	check "who must never be blocked: status 6" answers 6 never_block \
		block 192.0.2.0/24
	check "nor who is connected from there: status 6" ends 6 \
		"connected from" env SSH_CONNECTION="203.0.113.7 1 2 3" \
		"$DIR/statewall" block 203.0.113.7 --runtime "$DIR/runtime"
	check "unblock" answers 0 "table bad: 203.0.113.9" unblock 203.0.113.9
	check "once: status 1" answers 1 "not an entry" unblock 203.0.113.9
	table_commands
	live_stop
	live_start 4
	check "1000 that connect and say nothing: others are served" \
		served_beside 1000 ''
	check "40 with half a request" served_beside 40 '{"method":"io.'
	check "12 that ask for much and never read" served_beside 12 \
		"$(yes '{"method":"io.statewall.Status"}' | head -n 1000)"
	check "and packets pass meanwhile" live_survives
	live_stop
	check "SIGTERM ends it" stop_daemon
	check "its sockets are gone" same "" "$(ls "$DIR/runtime")"
}

# The connection of live_start is the session of who loads.
guard_commands() {
	local port

	port=$(asked connections --json tcp dport 7 |
		sed 's/.*"sport": *\([0-9]*\).*/\1/')
	export SSH_CONNECTION="$INSIDE4 $port $OUTSIDE4 7"
	edit 's/^rules = (/& { name = "no-echo"; proto = "tcp"; dport = "7"; action = "reject"; },/'
	check "reload that would cut its user off: status 6, file and line" \
		answers 6 "rule no-echo ($DIR/statewall.conf:$(line_of no-echo))" \
		reload
	check "status then: the policy of before" answers 0 "generation 1" status
	check "as it finds in the environment of a parent" ends 6 \
		"would cut your session $INSIDE4 port $port" \
		bash -c 'env -u SSH_CONNECTION "$@"; exit $?' - \
		"$DIR/statewall" reload --runtime "$DIR/runtime"
	check "one that says nothing: status 2" ends 2 SSH_CONNECTION \
		env SSH_CONNECTION=UNKNOWN "$DIR/statewall" reload \
		--runtime "$DIR/runtime"
	check "the connection lives" live_survives
	prepare_policy
	check "reload that keeps it" answers 0 "generation 2" reload
	edit 's/^rules = (/settings = { on_reload = "keep"; }; & { name = "no-echo"; proto = "tcp"; dport = "7"; action = "reject"; },/'
	check "who goes on, but could not come back: status 6" answers 6 \
		"rule no-echo" reload
	check "unless it is said twice" answers 0 "generation 3" reload --force
	prepare_policy
	check "reload of what it was" answers 0 "generation 4" reload
	unset SSH_CONNECTION
}

table_commands() {
	check "table list" answers 0 "bad " table list
	check "table list --json" answers 0 '"block":true' table list --json
	check "table add" answers 0 "table bad: 203.0.113.0/24" \
		table add bad 203.0.113.0/24 --for 1h
	check "table show: how long" answers 0 "203.0.113.0/24 added, ends in" \
		table show bad
	check "table show: what a file says" answers 0 \
		"192.0.2.7 configuration" table show vip
	check "table show --json" answers 0 '"from":"added"' \
		table show bad --json
	check "table test" answers 0 "203.0.113.5 is in bad" \
		table test bad 203.0.113.5
	check "table test, of who is not: status 1" answers 1 \
		"198.51.100.1 is not in bad" table test bad 198.51.100.1
	check "table test --json" answers 1 '{"contains":false}' \
		table test bad 198.51.100.1 --json
	check "who must never be blocked: status 6" answers 6 never_block \
		table add bad 192.0.2.7
	check "unless it is said twice" answers 0 192.0.2.7 \
		table add bad 192.0.2.7 --force
	check "a friend twice: status 0" answers 0 192.0.2.7 \
		table add friends 192.0.2.7
	check "table delete" answers 0 "table bad: 192.0.2.7" \
		table delete bad 192.0.2.7
	check "once: status 1" answers 1 "not an entry" \
		table delete bad 192.0.2.7
	check "table flush" answers 0 "table bad: 1 deleted" table flush bad
	check "nothing is left" same "" "$(asked table show bad)"
	check "who flushed it is logged" has_logged "table bad: emptied of 1"
	check "of a file: status 1" answers 1 "not dynamic" table add vip 1.2.3.4
	check "table show of none: status 1" answers 1 '"bda"' table show bda
	check "table test of no address: status 2" answers 2 "an address" \
		table test bad 1.2.3
	check "table without a verb: status 2" answers 2 "say what to do" table
	check "an unknown one: status 2" answers 2 'did you mean "flush"?' \
		table flsh bad
	check "too few operands: status 2" answers 2 "table add NAME ADDR" \
		table add bad
	check "too many: status 2" answers 2 "table flush NAME" \
		table flush bad 192.0.2.1
	check "a time for what takes none: status 2" answers 2 "only of add" \
		table delete bad 192.0.2.7 --for 1h
}

metrics_are_clean() {
	asked metrics >"$DIR/metrics" && promtool check metrics <"$DIR/metrics"
}

# served_beside COUNT TEXT: so many are connected and have said that.
served_beside() {
	local crowd status

	"$BIN/crowd" "$DIR/runtime/monitor.sock" "$1" "$2" >"$DIR/crowd" &
	crowd=$!
	soon grep -q here "$DIR/crowd"
	answers 0 enforcing status
	status=$?
	kill "$crowd"
	return $status
}

# asked COMMAND...: of the tool.
asked() {
	"$DIR/statewall" "$@" --runtime "$DIR/runtime"
}

# answers STATUS TEXT COMMAND...: of the tool.
answers() {
	ends "$1" "$2" "$DIR/statewall" "${@:3}" --runtime "$DIR/runtime"
}
