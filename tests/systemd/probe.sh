#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs inside of the container, as root, and says what it sees.
set -u
unit=statewalld.service
conf=/etc/statewall/statewall.conf
# shellcheck source=tests/systemd/look.sh
. /probe/look.sh

status_of() { grep "^$1:" "/proc/$(property MainPID)/status" | cut -f 2; }
is_owned() { [ "$(status_of Uid)" = "$(id -u statewall)" ]; }
has_one_capability() {
	[ "$(status_of CapEff)" = 0000000000001000 ] &&
		[ "$(status_of CapBnd)" = 0000000000001000 ]
}
# The filter of the unit, that of the main thread, and that of a worker; the
# thread of the control sockets does what the main thread may.
same_cages() {
	local task pid main
	local -i workers=0
	pid=$(property MainPID)
	main=$(filters_of "/proc/$pid/task/$pid")
	for task in "/proc/$pid/task/"*; do
		[ "$(filters_of "$task")" -ge "$main" ] || return 1
		[ "$(filters_of "$task")" -eq "$main" ] || workers+=1
	done
	[ "$main" -ge 2 ] && [ "$workers" -gt 0 ]
}
filters_of() { sed -n 's/^Seccomp_filters:[[:space:]]*//p' "$1/status"; }
logged() { journalctl --boot --unit "$unit" --output cat | grep -qF "$1"; }
started_early() {
	local ours theirs
	ours=$(property ActiveEnterTimestampMonotonic)
	theirs=$(systemctl show --value --property \
		ActiveEnterTimestampMonotonic network-pre.target)
	[ "$ours" -lt "$theirs" ]
}
no_cycle() { ! journalctl --boot --output cat | grep -qi 'ordering cycle'; }
is_exposed_little() {
	systemd-analyze security --threshold=15 "$unit"
}

# The second boot, with a policy that is none.
if [ -e /probe/booted ]; then
	check 'random octets for a policy, and the machine boots with the last one' \
		[ "$(property ActiveState)" = active ]
	check 'the status says so' becomes StatusText 'ready*last policy*'
	check 'connections go on over a boot' \
		logged ' from before the start go on'
	journalctl --boot --unit "$unit" --output short-precise >>/probe/journal
	echo end
	exit
fi
touch /probe/booted

check 'the unit is active at boot' [ "$(property ActiveState)" = active ]
check 'before the network is set up' started_early
check 'without an ordering cycle' no_cycle
check 'its status says what it does' becomes StatusText 'ready on queues*'
check 'it runs as the user statewall' is_owned
check 'it has CAP_NET_ADMIN and no other capability' has_one_capability
check 'it gains no privileges' [ "$(status_of NoNewPrivs)" = 1 ]
check 'every thread of it is in a cage, of its own if it sees packets' \
	same_cages
check 'its exposure is at most 1.5' is_exposed_little
# shellcheck source=tests/systemd/ordeals.sh
. /probe/ordeals.sh
ordeals

# shellcheck source=tests/systemd/redirect.sh
. /probe/redirect.sh

before=$(property MainPID)
systemctl reload "$unit"
check 'reload ends when the policy is in force' \
	becomes StatusText '*rules in force'
echo 'not a setting' >>"$conf"
systemctl reload "$unit"
check 'a broken file is refused, and the status says so' \
	becomes StatusText 'the file has * error*'
check 'with file and line in the journal' logged "$conf:"
check 'all that in one process' [ "$(property MainPID)" = "$before" ]

systemctl restart "$unit"
check 'a restart with a broken file falls back to the last good policy' \
	becomes ActiveState active
check 'and the status says so' becomes StatusText 'ready*last policy*'
check 'and the journal says so' logged 'the last policy that was good'
rm -f /var/lib/statewall/last-good.image
systemctl restart "$unit"
check 'with no policy at all the unit fails' becomes ActiveState failed
check 'with the status for that' [ "$(property ExecMainStatus)" = 78 ]
check 'and is not started over and over' [ "$(property NRestarts)" = 0 ]
sed -i '$d' "$conf"
systemctl reset-failed "$unit"
systemctl start "$unit"
check 'a mended file starts it again' becomes ActiveState active

systemctl kill --signal=KILL "$unit"
check 'a killed daemon comes back' becomes NRestarts 1
check 'and is active' becomes ActiveState active
kill -STOP "$(property MainPID)"
check 'a daemon that hangs is replaced by the watchdog' becomes NRestarts 2
systemctl stop "$unit"
check 'stop is clean' [ "$(property Result)" = success ]
leave_connections
journalctl --boot --unit "$unit" --output short-precise >>/probe/journal
echo end
