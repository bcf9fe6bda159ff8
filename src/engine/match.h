/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule asks of a packet: one file per kind of match, each with its key,
 * text to value, test, and value to text.
 *
 * The text here is canonical: numbers, no names of ports or protocols.
 * Resolving names is the work of the policy layer, which reads files.
 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/timeout.h"

struct match;
struct packet;
struct ruleset;

/*
 * What is wrong with a text: the part [at, at + len) of it, and a sentence
 * that says what would be right.  @expected is NULL when memory ran out.
 */
struct match_fault {
	const char *at;
	size_t len;
	const char *expected;
};

struct match_type {
	const char *key; /* "from", "src", "dport" ... */
	/* It asks what only the packet itself knows, and its connection not. */
	bool is_transient;
	/*
	 * A new match, to be destroyed by the caller, or NULL and @fault.
	 * Zones and tables named in @text are looked up in @rules, which must
	 * live longer than the match.
	 */
	struct match *(*parse)(const struct ruleset *rules, const char *text,
			       struct match_fault *fault);
	/* @now is for tables, whose entries have an end. */
	bool (*test)(const struct match *match, const struct packet *pkt,
		     msec_t now);
	/* Canonical text, which parse() accepts; like snprintf(). */
	int (*format)(const struct match *match, char *text, size_t size);
	void (*destroy)(struct match *match); /* NULL is allowed */
};

/*
 * Every kind, and the canonical text of its items, of which there may be
 * several with commas between them:
 *
 *	from, to      NAME of a zone
 *	proto         6, tcp
 *	src, dst      [!]ADDRESS[/LENGTH], [!]FIRST-LAST, [!]<TABLE>
 *	sport, dport  [!]80, [!]8000-8010
 *	icmp_type     echo-request, 3, 3/4
 *	service       tcp/80, udp/8000-8010
 *	tcp_flags     syn/fin,syn,rst,ack: a single one, see match_flags.c
 *	mark          0x10/0xff, 16
 *	dscp          ef, 46
 *	uid, gid      1000, 1000-1999
 */
extern const struct match_type *const match_types[];
extern const size_t match_type_count;

const struct match_type *match_type_find(const char *key); /* or NULL */

#endif
