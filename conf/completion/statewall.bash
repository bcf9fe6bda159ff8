# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of statewall(8) for bash, and for zsh with bashcompinit.  The
# program itself says what there is, so nothing here can be out of date.

# The words that may stand where the cursor is.
_statewall_words() {
	if [ "$COMP_CWORD" -eq 1 ]; then
		statewall --help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'
	elif [[ $1 = -* ]]; then
		statewall help "${COMP_WORDS[1]}" |
			sed -n 's/^  \(-[-a-z]*\).*/\1/p'
	else
		statewall help "${COMP_WORDS[1]}" | sed '/^$/q' |
			grep -oE '[a-z]+(\|[a-z]+)+' | tr '|' '\n'
	fi 2>/dev/null
}

_statewall() {
	local current=${COMP_WORDS[COMP_CWORD]}

	mapfile -t COMPREPLY < <(compgen -W "$(_statewall_words "$current")" \
		-- "$current")
	[ ${#COMPREPLY[@]} -gt 0 ] ||
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -o filenames -F _statewall statewall
