# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Many reloads while packets flow: each packet is judged by one policy, the old or
# the new one, and none is lost between them.

RELOADS=$([ -n "${SAN-}" ] && echo 100 || echo 1000)
WARMING=50     # reloads until it has taken what memory it needs
GROWTH_MAX=1024 # KiB: the last decisions, which take half of that by and by
FORBIDDEN_PORT=9

reloads() {
	local -i resident

	make_policies
	start_daemon
	filtering -A -j NFQUEUE --queue-num 0
	count_forbidden
	begin_traffic
	reload_often $WARMING >/dev/null
	resident=$(resident)
	check "$RELOADS reloads, every tenth of a broken file" \
		reload_often "$RELOADS"
	end_traffic
	check "no packet was lost that each policy allows" none_lost
	check "and none passed that no policy allows" none_passed
	[ -n "${SAN-}" ] || check "it takes no more memory than before" \
		grows_little $resident
	check "SIGTERM ends it" stop_daemon
}

# Two that allow the same in other words, and one that is none.
make_policies() {
	local -i i

	policy_of 'dport = "7"; action = "accept"; name = "echo"' >"$DIR/one"
	for ((i = 0; i < 200; i++)); do
		echo "src = \"10.77.$i.0/24\"; action = \"drop\"; name = \"r$i\""
	done >"$DIR/many"
	echo "dport = \"$FORBIDDEN_PORT\"; action = \"drop\"; name = \"nine\"" \
		>>"$DIR/many"
	echo 'dport = "1-8"; action = "accept"; name = "low"' >>"$DIR/many"
	policy_of <"$DIR/many" >"$DIR/other"
	sed 's/accept/acept/' "$DIR/one" >"$DIR/broken"
	cp "$DIR/one" "$DIR/statewall.conf"
}

# policy_of [RULE]: or of the rules on standard input, a line each.
policy_of() {
	cat <<-'END'
		version = 1;
		zones = { lan = { interfaces = [ "lan*" ]; };
			wan = { interfaces = [ "wan*" ]; }; };
		policy = { input = "drop"; forward = "drop"; output = "accept"; };
		rules = (
	END
	if [ $# -gt 0 ]; then
		echo "$1"
	else
		cat
	fi |
		sed 's/.*/{ from = "lan"; to = "wan"; &; },/; $s/,$//'
	echo ');'
}

count_forbidden() {
	on outside iptables -w -t raw -A PREROUTING -p tcp \
		--dport $FORBIDDEN_PORT
	on inside iptables -w -t raw -A PREROUTING -p tcp --dport 80
}

begin_traffic() {
	: >"$DIR/pings"
	while [ ! -e "$DIR/enough" ]; do
		on inside "$BIN/pingpong" "$OUTSIDE4" "$ECHO_PORT" 500 \
			>>"$DIR/pings" 2>&1
	done &
	PINGS=$!
	nsenter --net=/run/netns/inside -- "$BIN/flood" "$INSIDE4" "$OUTSIDE4" \
		$FORBIDDEN_PORT 200 &
	FLOODS=$!
	nsenter --net=/run/netns/outside -- "$BIN/flood" "$OUTSIDE4" "$INSIDE4" \
		80 200 &
	FLOODS+=" $!"
}

end_traffic() {
	touch "$DIR/enough"
	wait "$PINGS"
	# shellcheck disable=SC2086 # words
	kill $FLOODS
} 2>/dev/null

# reload_often COUNT
reload_often() {
	local -i i

	for ((i = 1; i <= $1; i++)); do
		if ((i % 10 == 0)); then
			cp "$DIR/broken" "$DIR/statewall.conf"
			reload '"acept"' || return
		else
			cp "$DIR/$( ((i % 2)) && echo other || echo one)" \
				"$DIR/statewall.conf"
			reload ': loaded' || return
		fi
	done
}

# resident: KiB of memory that the daemon has.
resident() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$DAEMON/status"
}

grows_little() {
	local -i now

	now=$(resident)
	[ $((now - $1)) -le $GROWTH_MAX ] || {
		echo "from $1 to $now KiB"
		return 1
	}
}

none_lost() {
	awk 'NF != 3 || $3 != 0 { print "lost: " $0; bad = 1 }
		END { if (NR < 5) print "only " NR " rounds"
			exit bad || NR < 5 }' "$DIR/pings"
}

none_passed() {
	same 0 "$(passed outside $FORBIDDEN_PORT)" &&
		same 0 "$(passed inside 80)" && [ "$(drops)" -gt 0 ]
}

# passed SIDE PORT
passed() {
	on "$1" iptables -w -t raw -vnxL PREROUTING |
		awk -v port="dpt:$2" '$NF == port { print $1 }'
}
