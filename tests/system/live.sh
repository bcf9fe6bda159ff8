# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The live connection: from inside to the echo port outside, see live.c.

ECHO_PORT=7

# serve_echoes: on both sides, for the questions of the other one.
serve_echoes() {
	on outside "$BIN/echo" "$ECHO_PORT"
	on inside "$BIN/echo" "$ECHO_PORT"
}

# live_start FAMILY
live_start() {
	rm -f "$DIR/live.in" "$DIR/live.out" "$DIR/live.dead"
	mkfifo "$DIR/live.in" "$DIR/live.out"
	on inside "$BIN/live" "$(address OUTSIDE "$1")" "$ECHO_PORT" \
		<"$DIR/live.in" >"$DIR/live.out" &
	LIVE=$!
	exec {LIVE_IN}>"$DIR/live.in" {LIVE_OUT}<"$DIR/live.out"
}

# live_ask WORD: its answer.  Who did not answer once is not asked again.
live_ask() {
	local answer='dead: no answer'

	if [ ! -e "$DIR/live.dead" ]; then
		echo "$1" >&"$LIVE_IN"
		read -r -t "$PATIENCE" answer <&"$LIVE_OUT" ||
			: >"$DIR/live.dead"
	fi
	echo "$answer"
} 2>/dev/null

# live_where: "PORT SEQ ACK PMTU", see live.c.
live_where() {
	local answer

	answer=$(live_ask where)
	case $answer in
	[0-9]*) echo "$answer" ;;
	*)
		echo "no live connection" >&2
		return 1
		;;
	esac
}

live_survives() {
	same alive "$(live_ask echo)"
}

live_is_dead() {
	same 'dead: no answer' "$(live_ask echo)"
}

# live_is STATE FAMILY: in the daemon's table.
live_is() {
	local numbers port

	numbers=$(live_where) || return
	read -r port _ <<<"$numbers"
	connection "$1" "$(address INSIDE "$2")" "$port" \
		"$(address OUTSIDE "$2")" "$ECHO_PORT"
}

live_stop() {
	echo close >&"$LIVE_IN"
	[ ! -e "$DIR/live.dead" ] || kill "$LIVE"
	wait "$LIVE"
	exec {LIVE_IN}>&- {LIVE_OUT}<&-
} 2>/dev/null
