/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall has judged of late.
 */
#include "model/trace.h"

#include <string.h>

static const char *state_of(const struct trace_entry *entry)
{
	return entry->verdict.conn.state ? entry->verdict.conn.state : "NONE";
}

/* Two lines of a scenario. */
static void print_lines(FILE *file, const struct trace_entry *entry,
			const uint32_t base[SIDE_COUNT])
{
	if (entry->note) {
		(void)fprintf(file, "# %s\n", entry->note);
		return;
	}
	(void)fputc('\t', file);
	segment_print(file, &entry->seg, entry->from, base);
	(void)fprintf(file, "%s\n\texpect %s %s %s\n",
		      entry->is_forged ? "\t# forged" : "",
		      action_names[entry->verdict.action], state_of(entry),
		      reason_info[entry->verdict.reason].name);
}

/* One line of a log. */
static void print_log(const struct trace_entry *entry)
{
	printf("%u %lld: ", entry->line, (long long)entry->at);
	if (entry->note) {
		printf("%s\n", entry->note);
		return;
	}
	segment_print(stdout, &entry->seg, entry->from, entry->base);
	printf(" %s%s %s %s\n", entry->is_forged ? "(forged) " : "",
	       action_names[entry->verdict.action], state_of(entry),
	       reason_info[entry->verdict.reason].name);
}

void trace_add(struct trace *trace, const struct trace_entry *entry)
{
	uint32_t *base = trace->base[entry->line];
	struct trace_entry *added = &trace->entries[trace->count++ % TRACE_LEN];

	if (!entry->note && !entry->is_forged && entry->seg.flags & TCP_SYN)
		base[entry->from] = entry->seg.seq;
	*added = *entry;
	memcpy(added->base, base, sizeof(added->base));
	if (trace->is_loud)
		print_log(added);
}

/* Where the last @max of the line begin. */
static uint64_t find_start(const struct trace *trace, uint8_t line, size_t max)
{
	uint64_t oldest =
		trace->count > TRACE_LEN ? trace->count - TRACE_LEN : 0;
	uint64_t i = trace->count;

	for (size_t found = 0; i > oldest && found < max; i--)
		if (trace->entries[(i - 1) % TRACE_LEN].line == line)
			found++;
	return i;
}

void trace_print(const struct trace *trace, FILE *file, uint8_t line,
		 size_t max)
{
	const uint32_t *base = NULL;
	msec_t last = 0;

	for (uint64_t i = find_start(trace, line, max); i < trace->count; i++) {
		const struct trace_entry *entry =
			&trace->entries[i % TRACE_LEN];

		if (entry->line != line)
			continue;
		if (last && entry->at > last)
			(void)fprintf(file, "\tafter %lldms\n",
				      (long long)(entry->at - last));
		last = entry->at;
		if (!base)
			base = entry->base;
		print_lines(file, entry, base);
	}
}
