/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping tables.
 */
#include "daemon/kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/statefile.h"
#include "engine/live.h"
#include "engine/table.h"
#include "policy/date.h"
#include "policy/name.h"

enum {
	INTERVAL = 60000, /* ms between two saves */
	LINE_LEN = 256,
	MAPPED = 96, /* bits of a prefix in front of those of IPv4 */
	PREFIX_LEN = ADDR_TEXT_LEN + sizeof("/128"),
};

static const char name[] = "tables.kept";

/* Saving. */

struct save {
	const struct ruleset *rules;
	struct kept_time when;
};

static void format_prefix(const struct prefix *prefix, char text[PREFIX_LEN])
{
	char addr[ADDR_TEXT_LEN];
	unsigned int skip = addr_is_ipv4(&prefix->addr) ? MAPPED : 0;

	/* A network of IPv6 that has all of IPv4. */
	if (prefix->len < skip)
		skip = 0;
	addr_format(&prefix->addr, addr);
	(void)snprintf(text, PREFIX_LEN, "%s/%u", addr, prefix->len - skip);
}

static void write_entry(FILE *out, const struct table *table,
			const struct live_entry *entry, int64_t wall)
{
	char end[DATE_TEXT_LEN] = "-";
	char prefix[PREFIX_LEN];
	int64_t date;

	format_prefix(&entry->prefix, prefix);
	if (entry->expires != LIVE_FOREVER) {
		date = (entry->expires + wall) / 1000;
		/* No clock is right that says so. */
		if (date <= 0 || date > DATE_MAX)
			return;
		date_format(date, end);
	}
	fprintf(out, "%s %s %s\n", table_name(table), prefix, end);
}

static bool write_tables(FILE *out, void *arg)
{
	const struct save *save = arg;
	const struct table *table;

	fputs("# Added to tables while they were in use.\n", out);
	for (size_t i = 0; (table = ruleset_table_at(save->rules, i)); i++) {
		struct live_entry entry;
		size_t cursor = 0;

		if (!table_options(table)->persist)
			continue;
		while (live_next(table_live(table), &cursor, save->when.now,
				 &entry))
			write_entry(out, table, &entry, save->when.wall);
	}
	return !ferror(out);
}

static bool has_any(const struct ruleset *rules)
{
	const struct table *table;

	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++)
		if (table_options(table)->persist)
			return true;
	return false;
}

/* Each cause once. */
static void tell(struct kept *kept, int error)
{
	if (error == kept->error)
		return;
	kept->error = error;
	if (error == -ENOENT)
		log_warn("tables with persist = true cannot be kept: there is "
			 "no directory for them; systemd names one in "
			 "STATE_DIRECTORY");
	else if (error < 0)
		log_warn("tables with persist = true cannot be kept: %s",
			 strerror(-error));
}

void kept_save(struct kept *kept, const struct ruleset *rules,
	       struct kept_time when)
{
	struct save save = { rules, when };

	kept->rules = rules;
	kept->changed = false;
	kept->saved = when.now;
	if (has_any(rules))
		tell(kept, statefile_replace(name, write_tables, &save));
}

void kept_tick(struct kept *kept, const struct ruleset *rules, bool changed,
	       struct kept_time when)
{
	/* Other rules may have other tables to keep. */
	kept->changed = kept->changed || changed || rules != kept->rules;
	if (kept->changed && when.now - kept->saved >= INTERVAL)
		kept_save(kept, rules, when);
}

/* Loading. */

struct load {
	const struct ruleset *rules;
	struct kept_time when;
	size_t added;
	size_t left_out; /* lines that are not understood */
	unsigned int first_out;
};

/* false: it is no date, or one of the past. */
static bool read_end(const struct load *load, const struct table *table,
		     const char *text, msec_t *expires)
{
	msec_t timeout = table_options(table)->timeout;
	int64_t date;

	*expires = LIVE_FOREVER;
	if (strcmp(text, "-") != 0) {
		if (!date_parse(&date, text))
			return false;
		*expires = date * 1000 - load->when.wall;
	}
	/* Neither an old setting nor a wrong clock makes it stay longer. */
	if (timeout > 0 && *expires > load->when.now + timeout)
		*expires = load->when.now + timeout;
	return true;
}

/* false: the line is not understood. */
static bool read_line(struct load *load, const char *line)
{
	char words[3][LINE_LEN];
	const struct table *table;
	struct live_entry entry;

	if (sscanf(line, "%255s %255s %255s", words[0], words[1], words[2]) !=
		    3 ||
	    !name_is_valid(words[0]) ||
	    prefix_parse(&entry.prefix, words[1]) < 0)
		return false;
	table = ruleset_table(load->rules, words[0]);
	/* It is not to be kept any more. */
	if (!table || !table_options(table)->persist)
		return true;
	if (!read_end(load, table, words[2], &entry.expires))
		return false;
	if (entry.expires > load->when.now &&
	    !ruleset_never_blocks(load->rules, &entry.prefix) &&
	    live_add(table_live(table), &entry, load->when.now) == LIVE_ADDED)
		load->added++;
	return true;
}

static void read_lines(struct load *load, FILE *in)
{
	char line[LINE_LEN];

	for (unsigned int number = 1; fgets(line, sizeof(line), in); number++) {
		if (*line == '#' || read_line(load, line))
			continue;
		if (load->left_out++ == 0)
			load->first_out = number;
	}
}

void kept_load(struct kept *kept, const struct ruleset *rules,
	       struct kept_time when)
{
	struct load load = { .rules = rules, .when = when };
	FILE *in = has_any(rules) ? statefile_open(name) : NULL;

	kept->rules = rules;
	kept->saved = when.now;
	if (!in)
		return;
	read_lines(&load, in);
	(void)fclose(in);
	if (load.added > 0)
		log_info("tables: %zu entr%s from before the start", load.added,
			 load.added == 1 ? "y" : "ies");
	if (load.left_out > 0)
		log_warn("%s in the state directory: line %u: not understood, "
			 "left out (%zu in all)",
			 name, load.first_out, load.left_out);
}
