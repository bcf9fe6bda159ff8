# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The redirection at boot, without its daemon, flushed, and stopped.  Sourced by
# probe.sh while statewalld runs; it leaves all as it was.
# shellcheck disable=SC2154 # unit and conf are of probe.sh
redirect=statewall-redirect.service
watch=statewall-redirect-watch.service

state() { systemctl show --value --property ActiveState "$1"; }
active_since() {
	systemctl show --value --property ActiveEnterTimestampMonotonic "$1"
}
is_before() { [ "$(active_since "$1")" -lt "$(active_since "$2")" ]; }
is_exposed_less() { systemd-analyze security --threshold="$1" "$2"; }
in_place() { statewall redirect status; }
has_chains() { iptables-save | grep -q STATEWALL; }
has_no_chains() { ! { iptables-save && ip6tables-save; } | grep STATEWALL; }

# soon COMMAND...: within 10 seconds, which is what we promise.
soon() {
	for _ in {1..100}; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	return 1
}

# Units beside ours; with one that makes a cycle it must be seen.
orders_well() {
	! SYSTEMD_LOG_TARGET=console SYSTEMD_UNIT_PATH="$1:" \
		systemd-analyze verify --man=no "$1/beside.target" 2>&1 |
		tee -a /probe/verify | grep -q 'ordering cycle'
}
sees_a_cycle() {
	local dir

	dir=$(mktemp -d)
	cp /probe/beside/* "$dir"
	sed -i '/^\[Service\]/i After=multi-user.target' "$dir/ufw.service"
	! orders_well "$dir"
}

check 'the redirection is there at boot' [ "$(state $redirect)" = active ]
check 'before the daemon' is_before $redirect "$unit"
check 'and before the network' is_before $redirect network-pre.target
check 'it is what the file says' in_place
check 'its exposure is at most 2.5' is_exposed_less 25 $redirect
check 'and that of its watch' is_exposed_less 25 $watch
check 'no ordering cycle beside those who set up networks' \
	orders_well /probe/beside
check 'and one would be seen' sees_a_cycle

iptables -F
check 'iptables -F is mended within 10 seconds' soon in_place
check 'and told in the journal' \
	soon sh -c "journalctl --boot --unit $watch | grep 'missing or changed'"
systemctl stop "$unit"
check 'the rescue rules outlive the daemon' in_place
systemctl start "$unit"
systemctl stop $redirect
check 'without the redirection no rule is left' has_no_chains
check 'and no daemon is there' [ "$(state "$unit")" = inactive ]
check 'nor anybody who would put it back' [ "$(state $watch)" = inactive ]

cp "$conf" /probe/conf
echo 'not a setting' >>"$conf"
systemctl start $redirect
check "with a broken file the redirection starts all the same" has_chains
cp /probe/conf "$conf"
systemctl start "$unit"
check 'all is there again' in_place
