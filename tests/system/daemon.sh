# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The daemon in the firewall, and the rules that hand it packets.

DIR=/run/statewall

# filtering TABLES TARGET...: hands over what the README hands over.
filtering() {
	local tables

	for tables in iptables ip6tables; do
		on firewall $tables -w "$1" INPUT ! -i lo "${@:2}"
		on firewall $tables -w "$1" FORWARD "${@:2}"
		on firewall $tables -w "$1" OUTPUT ! -o lo "${@:2}"
	done
}

# reassemble -A|-D: a rule that looks for a socket changes nothing by itself; its presence makes
# the kernel put fragments together.
reassemble() {
	local tables

	for tables in iptables ip6tables; do
		on firewall $tables -w -t mangle "$1" PREROUTING \
			-m socket
	done
}

# The user that the daemon runs as must be able to read all this.
prepare_daemon() {
	mkdir -m 755 $DIR
	mkdir -m 777 $DIR/runtime
	install -m 755 "$BUILD/statewalld" "$DIR/statewalld"
	prepare_policy
}

prepare_policy() {
	install -m 644 "${POLICY:-conf/examples/gateway.conf}" \
		"$DIR/statewall.conf"
}

# In the firewall, as an ordinary user, with one capability or none.
AS_NOBODY=(nsenter --net=/run/netns/firewall -- setpriv --reuid=65534
	--regid=65534 --clear-groups --no-new-privs)
ONE='-all,+net_admin'
AS_DAEMON=("${AS_NOBODY[@]}" --bounding-set="$ONE" --inh-caps="$ONE"
	--ambient-caps="$ONE" --)
# shellcheck disable=SC2034 # for who sources this
AS_NOBODY+=(--bounding-set=-all --inh-caps=-all --)

# start_daemon [ARGUMENTS]: returns when it says that it is ready.
start_daemon() {
	rm -f "$DIR/notify.socket"
	"$BIN/notify" "$DIR/notify.socket" >"$DIR/notify"
	NOTIFY_SOCKET="$DIR/notify.socket" "${AS_DAEMON[@]}" "$DIR/statewalld" \
		-c "$DIR/statewall.conf" --runtime "$DIR/runtime" "$@" \
		>"$DIR/log" 2>&1 &
	DAEMON=$!
	soon has_said READY=1
}

# has_said WORD: to systemd.
has_said() {
	grep -q "^$1\$" "$DIR/notify"
}

# has_logged TEXT [AFTER]: behind that many lines.
has_logged() {
	tail -n +$((${2:-0} + 1)) "$DIR/log" | grep -qF -- "$1"
}

log_length() {
	wc -l <"$DIR/log"
}

stop_daemon() {
	stopped_with 0 TERM
}

# stopped_with STATUS SIGNAL: it ends, soon, with that status.
stopped_with() {
	kill -"$2" "$DAEMON"
	soon has_ended || return
	wait "$DAEMON"
	same "$1" $? || {
		grep -E 'ERROR|WARNING|runtime error' "$DIR/log"
		return 1
	}
}

has_ended() {
	! kill -0 "$DAEMON"
}

# reload TEXT: tells it to read its file again, until it says TEXT.
reload() {
	local -i before

	before=$(log_length)
	kill -HUP "$DAEMON" || return
	soon has_logged "$1" $before
}

# report: its counters and connections.  The end of a report is not marked, so
# we ask twice, and the first one ends where the second begins.
report() {
	local -i before

	before=$(log_length)
	kill -USR2 "$DAEMON" || return
	soon has_reported 1 $before || return
	kill -USR2 "$DAEMON" || return
	soon has_reported 2 $before || return
	tail -n +$((before + 1)) "$DIR/log" |
		awk '/^packets: / { n++ } n == 1'
}

# has_reported TIMES AFTER: behind that many lines.
has_reported() {
	[ "$(tail -n +$(($2 + 1)) "$DIR/log" | grep -c '^packets: ')" -ge "$1" ]
}

# connection STATE SRC SPORT DST DPORT: is it in the daemon's table, in that
# state?
connection() {
	local wanted="src=$2 dst=$4 sport=$3 dport=$5 " found

	found=$(report | grep -F -- "$wanted")
	case $found in
	*" $1 "*) return 0 ;;
	esac
	echo "expected it in $1, found ${found:-nothing}"
	return 1
}
