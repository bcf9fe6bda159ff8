# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # probe.sh sets them
#
# What the service is put through while clients on both sides are at work: 200
# transfers, 1,000 new connections and 1,000 questions in UDP a second.  The
# container is the firewall; "row" lines are for the README.  Sourced by
# probe.sh.

TRANSFERS=200
RATE=1000
QUEUE_BATCH=64 # packets that a process may hold

# The machine's own network, which the clients must not be in.
STATEWALL_SANDBOX=$(readlink /proc/self/ns/net)
export STATEWALL_SANDBOX
# shellcheck source=tests/system/network.sh
. /probe/network.sh

make_namespaces() {
	ip netns add inside
	ip netns add outside
	ip netns attach firewall 1
}

ordeals() {
	make_network >/dev/null
	# One client stands for many; each connection has a port of its own.
	on inside sysctl -qw net.ipv4.ip_local_port_range="1024 65535" \
		net.ipv4.tcp_tw_reuse=1
	cp "$conf" /probe/usual.conf
	cp /probe/gateway.conf "$conf"
	systemctl reload "$unit"
	on outside /probe/clients serve 7
	echo "row | | transfers broken | new connections failed |" \
		"questions lost | longest silence |"
	echo "row |---|---|---|---|---|"

	ordeal "systemctl reload" 4 systemctl reload "$unit"
	none_is_lost "systemctl reload"
	ordeal "systemctl restart" 4 systemctl restart "$unit"
	none_is_lost "systemctl restart"
	ordeal "kill -9" 4 kill_daemon
	all_go_on "kill -9"
	check "kill -9: no more packets are lost than it held" \
		[ "$LOST" -le $QUEUE_BATCH ]
	ordeal "kill -9, five times" 6 kill_five_times
	all_go_on "kill -9, five times"
	check "kill -9, five times: nor then" \
		[ "$LOST" -le $((5 * QUEUE_BATCH)) ]
	systemctl reset-failed "$unit"
	ordeal "a worker hangs (watchdog)" 9 freeze_worker
	check "a worker hangs: no transfer breaks" [ "${BROKEN:-x}" = 0 ]
	check "a worker hangs: of new connections, no more fail than it held" \
		[ "${FAILED:-x}" -le $QUEUE_BATCH ]
	ordeal "systemctl stop, 2 s, start" 6 stop_and_start
	all_go_on "stop and start"
	limit_memory

	cp /probe/usual.conf "$conf"
	systemctl reset-failed "$unit"
	systemctl reload "$unit"
	# That of the other one is asked for as well, and nobody waits for it.
	systemctl reload statewall-redirect.service
}

# ordeal NAME SECONDS COMMAND...
ordeal() {
	local crowd said

	on inside /probe/clients "$OUTSIDE4" 7 $TRANSFERS $RATE "$2" \
		>/probe/said 2>&1 &
	crowd=$!
	sleep 1.5
	"${@:3}"
	wait $crowd
	said=$(</probe/said)
	read -r _ _ _ BROKEN _ VISITS _ FAILED _ ASKED _ LOST _ SILENCE \
		<<<"$said"
	[ -n "${SILENCE:-}" ] || echo "FAIL systemd: $1: $said"
	echo "row | $1 | $BROKEN of $TRANSFERS | $FAILED of $VISITS |" \
		"$LOST of $ASKED | $SILENCE ms |"
}

all_go_on() {
	check "$1: no transfer breaks" [ "${BROKEN:-x}" = 0 ]
	check "$1: no new connection fails" [ "${FAILED:-x}" = 0 ]
}

none_is_lost() {
	all_go_on "$1"
	check "$1: no packet is lost" [ "${LOST:-x}" = 0 ]
}

kill_daemon() {
	kill -KILL "$(property MainPID)"
}

# As soon as it is back.
kill_five_times() {
	local before

	for _ in {1..5}; do
		before=$(property NRestarts)
		kill_daemon
		becomes NRestarts $((before + 1))
		becomes SubState running
	done
}

# The thread that has a queue, not the main one.
freeze_worker() {
	local pid task

	pid=$(property MainPID)
	for task in "/proc/$pid/task/"*; do
		[ "${task##*/}" = "$pid" ] || break
	done
	/probe/freeze "${task##*/}"
}

stop_and_start() {
	systemctl stop "$unit"
	sleep 2
	systemctl start "$unit"
}

# Where the kernel counts it for us.
limit_memory() {
	local before

	if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
		echo "skip systemd: a memory limit needs control groups v2"
		return
	fi
	before=$(property NRestarts)
	ordeal "out of memory" 5 shrink_memory
	systemctl set-property --runtime "$unit" MemoryMax=infinity
	check "out of memory: it is started again" \
		[ "$(property NRestarts)" -gt "$before" ]
	all_go_on "out of memory"
}

shrink_memory() {
	systemctl set-property --runtime "$unit" MemoryMax=1M
	sleep 0.5
	systemctl set-property --runtime "$unit" MemoryMax=infinity
}

# Transfers that are there when the machine is switched off.
leave_connections() {
	cp /probe/gateway.conf "$conf"
	rm -rf /var/lib/statewall/*
	systemctl start "$unit"
	on inside /probe/clients "$OUTSIDE4" 7 20 0 600 >/dev/null 2>&1 &
	sleep 1
}
