# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The sandbox, and words to say what was seen in it.  Sourced by demo and run,
# which stand at the top of the tree.

BUILD=${BUILD:-build}
# Sanitizers are slow, and so is a machine that has other things to do.
PATIENCE=$([ -n "${SAN-}" ] && echo 120 || echo 30)

# The sandbox.
#
# Everything happens in namespaces of its own: processes, mounts, network.
# When the first process in there ends, for whatever reason, the kernel ends
# the others and drops the rest, so that nothing has to be cleaned up.

# may_make_namespaces: or says why not.
may_make_namespaces() {
	unshare --net --mount --pid --fork true 2>&1
}

# sandboxed ARGUMENTS: starts the calling script again in there, and ends with
# its status.  Returns if it is in there already.
sandboxed() {
	local own_net child

	own_net=$(readlink /proc/self/ns/net)
	if [ -n "${STATEWALL_SANDBOX-}" ] &&
		[ "$STATEWALL_SANDBOX" != "$own_net" ]; then
		mount -t tmpfs -o mode=755 tmpfs /run
		return
	fi
	STATEWALL_SANDBOX=$own_net setpriv --pdeathsig KILL \
		unshare --net --mount --pid --mount-proc --kill-child \
		"$BASH" "$0" "$@" &
	child=$!
	trap 'leave_sandbox "$child" 129' HUP
	trap 'leave_sandbox "$child" 130' INT
	trap 'leave_sandbox "$child" 143' TERM
	wait "$child"
	exit
}

leave_sandbox() {
	kill -KILL "$1"
	wait "$1"
	echo "interrupted"
	exit "$2"
} 2>/dev/null

# Words.

declare -i PASSED=0 FAILED=0 SKIPPED=0

# say FORMAT ARGUMENTS...: whoever reads no further need not wait for the rest.
say() {
	# shellcheck disable=SC2059 # it is a format
	printf "$@" || exit 1
}

ok() {
	PASSED+=1
	say 'ok   %s\n' "$1"
}

# fail NAME [WHY]
fail() {
	FAILED+=1
	say 'FAIL %s%s\n' "$1" "${2:+: $2}"
}

skip() {
	SKIPPED+=1
	say 'skip %s\n' "$1"
}

# check NAME COMMAND...: ok if the command succeeds; what it prints says why
# it does not.  It runs in this shell and may remember things.
check() {
	if "${@:2}" >"$WHY" 2>&1; then
		ok "$1"
	else
		fail "$1" "$(tr '\n' ' ' <"$WHY")"
	fi
}

# quietly NAME COMMAND...: says it only if it fails.
quietly() {
	"${@:2}" >"$WHY" 2>&1 || fail "$1" "$(tr '\n' ' ' <"$WHY")"
}
WHY=/run/statewall.why # in the sandbox

# same EXPECTED FOUND
same() {
	[ "$1" = "$2" ] || {
		echo "expected \"$1\", found \"$2\""
		return 1
	}
}

# soon COMMAND...: waits until it succeeds, not for long.
soon() {
	local -i end=$((SECONDS + PATIENCE))

	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.02
	done
}

# total: the last line, and the status.
total() {
	say '\n%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" \
		"$SKIPPED"
	[ "$FAILED" -eq 0 ]
}
