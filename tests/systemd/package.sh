#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The life of the Debian package, inside of the container: install, upgrade with
# clients at work, remove, purge.
set -u
unit=statewalld.service
conf=/etc/statewall/statewall.conf
redirect=statewall-redirect.service
# shellcheck source=tests/systemd/look.sh
. /probe/look.sh
# shellcheck source=tests/systemd/ordeals.sh
. /probe/ordeals.sh

is_disabled() { [ "$(systemctl is-enabled "$1")" = disabled ]; }
is_inactive() { [ "$(systemctl is-active "$1")" = inactive ]; }
# Tables that iptables has made stay, empty.
rules() { iptables-save | grep '^-'; ip6tables-save | grep '^-'; }
upgrade() { dpkg -i --force-confold /probe/second.deb >/dev/null 2>&1; }
has_version() { dpkg-query -W statewall | grep -q "$1\$"; }
has_file_of_ours() {
	find /etc /usr /lib /var/lib /run -xdev -name '*statewall*' \
		-not -path '/var/lib/dpkg/*' -not -path '/var/lib/systemd/*' |
		grep .
}

rules >/probe/rules
check 'package: it installs' dpkg -i /probe/first.deb
check 'package: it enables nothing' is_disabled $unit
check 'package: nor the redirection' is_disabled $redirect
check 'package: it starts nothing' is_inactive $unit
check 'package: there is a user for it' id statewall
check 'package: the policy is nobody else'"'"'s' \
	[ "$(stat -c '%a %U' "$conf")" = '640 root' ]
check 'package: statewall check has no fault to find' statewall check

check 'package: it can be enabled, and starts' \
	systemctl enable --now $redirect $unit
make_network >/dev/null
on inside sysctl -qw net.ipv4.ip_local_port_range="1024 65535" \
	net.ipv4.tcp_tw_reuse=1
cp /probe/gateway.conf "$conf"
systemctl reload $unit
systemctl reload $redirect
on outside /probe/clients serve 7
ordeal 'upgrade of the package' 8 upgrade
none_is_lost 'upgrade of the package'
check 'package: the new version is there' has_version +1
check 'package: and runs' [ "$(property SubState)" = running ]
check 'package: the policy is still ours' \
	cmp -s /probe/gateway.conf "$conf"

check 'package: it can be removed' dpkg -r statewall
check 'package: iptables is as it was before' \
	diff /probe/rules <(rules)
check 'package: nothing of it runs' \
	sh -c '! pgrep -x statewalld && ! pgrep -x statewall'
check 'package: the policy stays' test -e "$conf"
check 'package: it can be purged' dpkg -P statewall
check 'package: then nothing is left' sh -c '! [ -e /etc/statewall ]'
check 'package: nor anywhere else' [ -z "$(has_file_of_ours)" ]
check 'package: nor its user' sh -c '! getent passwd statewall'
check 'package: nor its groups' sh -c '! getent group statewall statewall-admin'
journalctl --boot --output short-precise >/probe/journal
echo end
