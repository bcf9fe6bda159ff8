# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Three network namespaces, each a machine:
#
#	inside          eth0  10.1.0.2      2001:db8:10::2
#	firewall        lan0  10.1.0.1      2001:db8:10::1
#	                wan0  198.51.100.1  2001:db8:20::1
#	outside         eth0  198.51.100.2  2001:db8:20::2
#
# and on either side an address ending in 9 that no machine has, for play.

# shellcheck disable=SC2034 # for who sources this
BIN=$(realpath -m "$BUILD/tests")

INSIDE4=10.1.0.2 INSIDE6=2001:db8:10::2
OUTSIDE4=198.51.100.2 OUTSIDE6=2001:db8:20::2
# shellcheck disable=SC2034 # address() uses them
{
	WAN4=198.51.100.1 WAN6=2001:db8:20::1
	PLAYED_INSIDE4=10.1.0.9 PLAYED_INSIDE6=2001:db8:10::9
	PLAYED_OUTSIDE4=198.51.100.9 PLAYED_OUTSIDE6=2001:db8:20::9
	FLOOD4=203.0.113. FLOOD6=2001:db8:30::
	ROUTER4=198.51.100.77 ROUTER6=2001:db8:20::77
}

# address SIDE FAMILY, as in "address INSIDE 4".
address() {
	local name=$1$2

	echo "${!name}"
}

on() {
	nsenter --net="/run/netns/$1" -- "${@:2}"
}

# settle NAMESPACE: what it may have inherited from the machine.  What a forged
# source address does is the daemon's to decide, not the routing's.
settle() {
	on "$1" sysctl -qw net.ipv4.ip_forward=0 \
		net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.all.forwarding=0 \
		net.ipv6.conf.all.disable_ipv6=0 \
		net.ipv6.conf.default.disable_ipv6=0 \
		net.ipv6.conf.default.accept_dad=0
}

# link IFACE NAMESPACE PEER NAMESPACE: with addresses that we know.
link() {
	ip link add "$1" netns "$2" address "$(mac "$2" "$1")" type veth \
		peer name "$3" netns "$4" address "$(mac "$4" "$3")"
	ip -n "$2" link set "$1" up
	ip -n "$4" link set "$3" up
}

mac() {
	case $1/$2 in
	inside/*) echo 02:00:00:00:00:01 ;;
	firewall/lan0) echo 02:00:00:00:00:02 ;;
	firewall/wan0) echo 02:00:00:00:00:03 ;;
	outside/*) echo 02:00:00:00:00:04 ;;
	esac
}

# addresses NAMESPACE IFACE ADDRESS/LENGTH...
addresses() {
	local address

	for address in "${@:3}"; do
		case $address in
		*:*) ip -n "$1" addr add "$address" dev "$2" nodad ;;
		*) ip -n "$1" addr add "$address" dev "$2" ;;
		esac
	done
}

make_namespaces() {
	ip netns add inside
	ip netns add firewall
	ip netns add outside
}

make_network() {
	local namespace

	make_namespaces
	for namespace in inside firewall outside; do
		ip -n "$namespace" link set lo up
		settle "$namespace"
	done
	on firewall sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	link lan0 firewall eth0 inside
	link wan0 firewall eth0 outside
	addresses inside eth0 $INSIDE4/16 $INSIDE6/64
	addresses firewall lan0 10.1.0.1/16 2001:db8:10::1/64
	addresses firewall wan0 198.51.100.1/24 2001:db8:20::1/64
	addresses outside eth0 $OUTSIDE4/24 $OUTSIDE6/64
	ip -n inside route add default via 10.1.0.1
	ip -n inside route add default via 2001:db8:10::1
	ip -n outside route add default via 198.51.100.1
	ip -n outside route add default via 2001:db8:20::1
	give_played_addresses
	count_arrivals
}

give_played_addresses() {
	local family

	for family in 4 6; do
		ip -n firewall neigh add "$(address PLAYED_INSIDE $family)" \
			lladdr "$(mac inside eth0)" dev lan0
		ip -n firewall neigh add "$(address PLAYED_OUTSIDE $family)" \
			lladdr "$(mac outside eth0)" dev wan0
	done
}

# What inject and probe send starts with hop limit 77 and arrives with 76.  The
# kernel of the receiving machine counts it, before anything looks at it.
count_arrivals() {
	local side

	for side in inside outside; do
		on $side iptables -w -t raw -A PREROUTING -m ttl --ttl-eq 76
		on $side ip6tables -w -t raw -A PREROUTING -m hl --hl-eq 76
	done
}

# arrivals SIDE FAMILY: how many there were.
arrivals() {
	local tables=iptables

	[ "$2" = 4 ] || tables=ip6tables
	on "$1" $tables -w -t raw -vnxL PREROUTING |
		awk '/(TTL|HL).*76/ { print $1 }'
}

