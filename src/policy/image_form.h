/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of an image, for the two files that write and read it.
 *
 *   image      := magic, u32 version, u32 length of the body, body
 *   body       := u32 errors, u32 warnings, u32 notes, list of diagnostic,
 *                 list of policy (one or none)
 *   diagnostic := u8 code, u32 line, u32 column, u32 end column,
 *                 u32 column of the source, string file, string message,
 *                 string hint, string source (or empty)
 *   policy     := u32 connections, u16 first queue, u16 last queue,
 *                 u32 queue length, list of action (one a hook),
 *                 list of timeout, u8 reload, u8 tracking, flags
 *                 (1 audit, 2 essential ICMP, 4 log of the policy: the first,
 *                 8 all),
 *                 tcp, string ports of UDP without checksum (or empty),
 *                 limits,
 *                 redirect, rescue,
 *                 list of zone, list of table, list of rule
 *   limits     := u32 connections per source, u32 half-open, u32 per source,
 *                 u32 per destination, u32 source nodes, u16 percent at which
 *                 lives begin to shrink, u16 at which they are shortest, u16 at
 *                 which to warn
 *   tcp        := u8 pickup, u64 grace, u8 SYN data, u8 simultaneous open,
 *                 u8 SYN with URG
 *   redirect   := flags (1 given, 2 heals itself), u8 hooks, u8 families,
 *                 u8 on failure, u32 accept mark, u32 reject mark,
 *                 list of string (interfaces)
 *   rescue     := flags (1 given, 2 any source, 4 output, 8 established),
 *                 list of u16 (ports), list of range
 *   action     := u8
 *   timeout    := u64 milliseconds
 *   zone       := string name, flags (1 antispoof, 2 bogons), list of string
 *                 (interfaces), list of range (networks)
 *   table      := string name, flags (1 dynamic, 2 never block, 4 block,
 *                 8 persist),
 *                 u64 timeout, u32 max entries, list of range
 *   range      := 16 octets first, 16 octets last, as struct addr has them
 *   rule       := string name, string comment (or empty), string file (or
 *                 empty), u32 line, options, list of condition
 *   options    := action, flags (1 continues, 2 log: the first, 4 audit,
 *                 8 no pickup, 16 log: all),
 *                 u8 tracking, u32 mark, u32 its mask,
 *                 u32 max, u32 max per source, u64 expires,
 *                 schedule, u8 how many timeouts, that many (u8 which, u64), limit
 *   schedule   := u8 days; and if there are any: u8 UTC, u8 how many hours,
 *                 that many (u16 first, u16 end)
 *   limit      := u8 unit; and if there is one: u64 amount, u64 burst,
 *                 u32 period, u8 scope, u8 prefix of IPv4, u8 of IPv6,
 *                 flags (1 rejects, 2 kills), string table (or empty)
 *   flags      := u8
 *   condition  := string key, string text (of the engine's match)
 *   list       := u32 count, that many
 *   string     := u32 length, that many octets, none of them zero
 *
 * Numbers are in network order.  Nothing follows the body.
 */
#ifndef POLICY_IMAGE_FORM_H
#define POLICY_IMAGE_FORM_H

#define IMAGE_MAGIC "swimage"

enum {
	IMAGE_MAGIC_LEN = sizeof(IMAGE_MAGIC), /* with its NUL */
	IMAGE_VERSION = 7,
};

enum {
	SETTING_AUDIT = 1,
	SETTING_ESSENTIAL_ICMP = 2,
	SETTING_LOG_FIRST = 4,
	SETTING_LOG_ALL = 8,
};
enum { REDIRECT_GIVEN = 1, REDIRECT_SELF_HEAL = 2 };
enum {
	RESCUE_GIVEN = 1,
	RESCUE_ANY = 2,
	RESCUE_OUTPUT = 4,
	RESCUE_ESTABLISHED = 8,
};
enum { ZONE_ANTISPOOF = 1, ZONE_BLOCK_BOGONS = 2 };
enum {
	TABLE_DYNAMIC = 1,
	TABLE_NEVER_BLOCK = 2,
	TABLE_BLOCK = 4,
	TABLE_PERSIST = 8,
};
enum {
	RULE_CONTINUES = 1,
	RULE_LOG_FIRST = 2,
	RULE_AUDIT = 4,
	RULE_NO_PICKUP = 8,
	RULE_LOG_ALL = 16,
};
enum { LIMIT_REJECTS = 1, LIMIT_KILLS = 2 };

#endif
