# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a table of the lines that tests/bench/path/run has measured:
#
#	WORKLOAD PEER CPU VALUE [VALUE]

# of VALUES, a string of numbers: the one in the middle, and the two at the ends.
function summarise(values, result,    list, n, i, j, t) {
	n = split(values, list, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] + 0 > list[j] + 0; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
	result["median"] = list[int((n + 1) / 2)]
	result["min"] = list[1]
	result["max"] = list[n]
}

function unit(workload) {
	if (workload ~ /^bulk/)
		return "Mbit/s"
	return workload ~ /^(idle|loaded)/ ? "us" : "/s"
}

function note(workload, peer, value) {
	if (!(workload in order)) {
		order[workload] = ++workloads
		names[workloads] = workload
	}
	if (!(peer in known)) {
		known[peer] = ++peers
		peer_names[peers] = peer
	}
	values[workload, peer] = values[workload, peer] " " value
}

NF < 4 { next }
{
	note($1 (NF > 4 ? "-median" : ""), $2, $4)
	if (NF > 4)
		note($1 "-99th", $2, $5)
	cpu[$1 (NF > 4 ? "-median" : ""), $2] = \
		cpu[$1 (NF > 4 ? "-median" : ""), $2] " " $3
}

END {
	printf "%-18s %-10s %12s %-6s %25s %8s %14s\n", "what", "with", \
		"median", "", "smallest .. largest", "to bare", "CPU per packet"
	for (w = 1; w <= workloads; w++)
		for (p = 1; p <= peers; p++)
			line(names[w], peer_names[p])
}

function ratio(own, bare) {
	return (bare > 0) ? sprintf("%.2f", own / bare) : "-"
}

function line(workload, peer,    own, bare, spent) {
	if (!(workload SUBSEP peer in values))
		return
	summarise(values[workload, peer], own)
	summarise(values[workload, "bare"], bare)
	summarise(cpu[workload, peer], spent)
	printf "%-18s %-10s %12s %-6s", workload, peer, own["median"],
		unit(workload)
	printf " %12s ..%11s", own["min"], own["max"]
	printf " %8s %11s ns\n", ratio(own["median"], bare["median"]),
		(spent["median"] > 0 ? spent["median"] : "-")
}
