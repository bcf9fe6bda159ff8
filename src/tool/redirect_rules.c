/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three tables, in the order in which a packet meets them:
 *
 *	mangle		both bits of ours are set in its mark, and it is queued.
 *			With the verdict the daemon leaves one of them: to
 *			accept or to reject.  Both together tell the daemon
 *			that the packet came this way, so that a reject will be
 *			answered; what others have in these bits is gone.
 *	filter		rejected: RST or ICMP error.  Accepted: on.  Still both:
 *			nobody has judged it, so the rescue rules do.
 *	security	drops what was rejected and not answered, and asks the
 *			rescue rules again, since somebody may have emptied
 *			filter, or accept there before we are asked.
 *
 * What passes goes on by RETURN, never by ACCEPT: the rules of others are asked
 * as well.  In OUTPUT the daemon leaves the mark of what it accepts alone, unless
 * the rescue rules have to know: a mark that changes there has the kernel look
 * for another route, with rules such as "not fwmark 51820" in between.  At the
 * end our bits are taken away, so that marks are again what their owners gave.
 *
 * The text of each rule is that of iptables-save, so that it can be compared.
 */
#include "tool/redirect_rules.h"

#include <stdarg.h>
#include <string.h>

/* A hook's own words. */
struct hook_info {
	const char *chain;   /* ours is REDIRECT_PREFIX and this */
	const char *builtin; /* the one that jumps to it */
};

static const struct hook_info hook_info[HOOK_COUNT] = {
	[HOOK_INPUT] = { "IN", "INPUT" },
	[HOOK_FORWARD] = { "FWD", "FORWARD" },
	[HOOK_OUTPUT] = { "OUT", "OUTPUT" },
};

struct writer {
	const struct policy *policy;
	enum family family;
	FILE *out;
	char chain[32]; /* that rules are added to */
};

static bool has_hook(const struct writer *w, enum hook hook)
{
	return w->policy->redirect.hooks >> hook & 1;
}

static uint32_t mask_of(const struct redirect *redirect)
{
	return redirect->accept_mark | redirect->reject_mark;
}

static void begin_chain(struct writer *w, const char *name)
{
	(void)snprintf(w->chain, sizeof(w->chain), REDIRECT_PREFIX "%s", name);
}

__attribute__((format(printf, 2, 3))) static void
add_rule(struct writer *w, const char *format, ...)
{
	va_list args;

	fprintf(w->out, "-A %s ", w->chain);
	va_start(args, format);
	(void)vfprintf(w->out, format, args);
	va_end(args);
	fputc('\n', w->out);
}

static void declare_chain(const struct writer *w, const char *name)
{
	fprintf(w->out, ":" REDIRECT_PREFIX "%s - [0:0]\n", name);
}

static void jump(const struct writer *w, const char *builtin, const char *name)
{
	fprintf(w->out, "-A %s -j " REDIRECT_PREFIX "%s\n", builtin, name);
}

static void begin_table(const struct writer *w, const char *name)
{
	fprintf(w->out, "*%s\n", name);
}

static void end_table(const struct writer *w)
{
	fputs("COMMIT\n", w->out);
}

/* Chains of the hooks, and the jumps to them; theirs come first. */
static void declare_hooks(const struct writer *w)
{
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (has_hook(w, (enum hook)i))
			declare_chain(w, hook_info[i].chain);
}

static void jump_from_hooks(const struct writer *w)
{
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (has_hook(w, (enum hook)i))
			jump(w, hook_info[i].builtin, hook_info[i].chain);
}

/* "eth*" is "eth+" for iptables. */
static void copy_interface(char to[PACKET_IFNAME_LEN], const char *pattern)
{
	size_t len = strlen(pattern);

	memcpy(to, pattern, len + 1);
	if (len > 0 && to[len - 1] == '*')
		to[len - 1] = '+';
}

static void skip_pairs(struct writer *w, const char *in)
{
	const struct redirect *redirect = &w->policy->redirect;
	char out[PACKET_IFNAME_LEN];

	for (size_t i = 0; i < redirect->skip_count; i++) {
		copy_interface(out, redirect->skip[i]);
		if (strcmp(out, "lo") != 0)
			add_rule(w, "-i %s -o %s -j RETURN", in, out);
	}
}

/* Nothing is forwarded by loopback. */
static void skip_interfaces(struct writer *w, enum hook hook)
{
	const struct redirect *redirect = &w->policy->redirect;
	char name[PACKET_IFNAME_LEN];

	for (size_t i = 0; i < redirect->skip_count; i++) {
		copy_interface(name, redirect->skip[i]);
		if (hook == HOOK_INPUT)
			add_rule(w, "-i %s -j RETURN", name);
		else if (hook == HOOK_OUTPUT)
			add_rule(w, "-o %s -j RETURN", name);
		else if (strcmp(name, "lo") != 0)
			skip_pairs(w, name);
	}
}

/* mangle */

/*
 * What the kernel itself answers to a packet that it is about to forget, such as
 * one that is rejected: with connection tracking, both share an entry that is
 * not in its table yet, and then it refuses to queue the answer
 * (nfnetlink_queue.c, nf_ct_drop_unconfirmed()).
 */
static void pass_answers(struct writer *w)
{
	static const char unconfirmed[] =
		"-m conntrack --ctstate RELATED ! --ctstatus CONFIRMED";

	if (!w->policy->rescue.established)
		return;
	add_rule(w, "-p tcp -m tcp --tcp-flags RST RST %s -j RETURN",
		 unconfirmed);
	if (w->family == FAMILY_INET)
		add_rule(w, "-p icmp -m icmp --icmp-type 3 %s -j RETURN",
			 unconfirmed);
	else
		add_rule(w,
			 "-p ipv6-icmp -m icmp6 --icmpv6-type 1 %s -j RETURN",
			 unconfirmed);
}

static void queue_packets(struct writer *w, enum hook hook)
{
	const struct policy *policy = w->policy;
	const struct redirect *redirect = &policy->redirect;
	const char *bypass =
		redirect->on_failure == FAILURE_CLOSED ? "" : " --queue-bypass";
	uint32_t mask = mask_of(redirect);

	begin_chain(w, hook_info[hook].chain);
	skip_interfaces(w, hook);
	if (hook == HOOK_OUTPUT)
		pass_answers(w);
	add_rule(w, "-j MARK --set-xmark 0x%x/0x%x", mask, mask);
	if (policy->queue_first == policy->queue_last)
		add_rule(w, "-j NFQUEUE --queue-num %u%s", policy->queue_first,
			 bypass);
	else
		add_rule(w, "-j NFQUEUE --queue-balance %u:%u%s",
			 policy->queue_first, policy->queue_last, bypass);
}

/* Where no rule asks for connection tracking, one that is never reached does. */
static void reassemble(struct writer *w)
{
	begin_chain(w, "DEFRAG");
	add_rule(w, "-m socket");
}

static bool tracks(const struct writer *w)
{
	const struct policy *policy = w->policy;
	bool rescues = policy->redirect.on_failure == FAILURE_RESCUE &&
		       (has_hook(w, HOOK_INPUT) || has_hook(w, HOOK_FORWARD));

	return policy->rescue.established &&
	       (rescues || has_hook(w, HOOK_OUTPUT));
}

static void print_mangle(struct writer *w)
{
	begin_table(w, "mangle");
	declare_hooks(w);
	declare_chain(w, "POST");
	if (!tracks(w))
		declare_chain(w, "DEFRAG");
	jump_from_hooks(w);
	jump(w, "POSTROUTING", "POST");
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (has_hook(w, (enum hook)i))
			queue_packets(w, (enum hook)i);
	begin_chain(w, "POST");
	add_rule(w, "-j MARK --set-xmark 0x0/0x%x",
		 mask_of(&w->policy->redirect));
	if (!tracks(w))
		reassemble(w);
	end_table(w);
}

/* filter: rescue */

static void pass_established(struct writer *w)
{
	if (w->policy->rescue.established)
		add_rule(w, "-m conntrack --ctstate RELATED,ESTABLISHED "
			    "-j RETURN");
}

/* Neighbours and their routers, and listeners to multicast (RFC 4890 4.4.1). */
static void pass_neighbours(struct writer *w)
{
	static const unsigned int types[] = {
		130, 131, 132, 143, /* listeners: query, report, done, report */
		133, 134, 135, 136, 137, /* discovery, redirects */
	};

	if (w->family != FAMILY_INET6)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		add_rule(w, "-p ipv6-icmp -m icmp6 --icmpv6-type %u -j RETURN",
			 types[i]);
}

static void pass_dhcp(struct writer *w, enum hook hook)
{
	if (w->family == FAMILY_INET)
		add_rule(w, "-p udp -m udp --sport %u --dport %u -j RETURN",
			 hook == HOOK_INPUT ? 67 : 68,
			 hook == HOOK_INPUT ? 68 : 67);
	else
		add_rule(w,
			 "-s fe80::/10 -p udp -m udp --sport %u --dport %u "
			 "-j RETURN",
			 hook == HOOK_INPUT ? 547 : 546,
			 hook == HOOK_INPUT ? 546 : 547);
}

/* To the ports of input from @network ("-s 192.0.2.0/24 "), or the way back. */
static void pass_ports(struct writer *w, enum hook hook, const char *network)
{
	const struct rescue *rescue = &w->policy->rescue;

	for (size_t i = 0; i < rescue->ssh_port_count; i++)
		add_rule(w, "%s-p tcp -m tcp --%s %u -j RETURN", network,
			 hook == HOOK_INPUT ? "dport" : "sport",
			 rescue->ssh_ports[i]);
}

static void pass_network(struct writer *w, enum hook hook,
			 const struct prefix *prefix)
{
	bool is_ipv4 = w->family == FAMILY_INET;
	unsigned int len = is_ipv4 ? prefix->len - 96U : prefix->len;
	char address[ADDR_TEXT_LEN];
	char option[ADDR_TEXT_LEN + 16] = "";

	addr_format(&prefix->addr, address);
	if (len > 0)
		(void)snprintf(option, sizeof(option), "%s %s/%u ",
			       hook == HOOK_INPUT ? "-s" : "-d", address, len);
	pass_ports(w, hook, option);
}

/* The largest network that begins at @range->first and is within. */
static struct prefix first_prefix(const struct addr_range *range)
{
	struct prefix prefix = prefix_of(&range->first, 128);

	while (prefix.len > 0) {
		struct prefix wider = prefix_of(&range->first, prefix.len - 1U);
		struct addr_range all = prefix_range(&wider);

		if (addr_compare(&all.first, &range->first) != 0 ||
		    addr_compare(&all.last, &range->last) > 0)
			break;
		prefix = wider;
	}
	return prefix;
}

/* false: there is none after it. */
static bool next_address(struct addr *addr)
{
	size_t i = sizeof(addr->bytes);

	while (i > 0 && ++addr->bytes[i - 1] == 0)
		i--;
	return i > 0;
}

/* iptables knows networks, not ranges. */
static void pass_range(struct writer *w, enum hook hook,
		       struct addr_range range)
{
	bool more = true;

	while (more && addr_compare(&range.first, &range.last) <= 0) {
		struct prefix prefix = first_prefix(&range);

		pass_network(w, hook, &prefix);
		range.first = prefix_range(&prefix).last;
		more = next_address(&range.first);
	}
}

static void pass_administrators(struct writer *w, enum hook hook)
{
	const struct rescue *rescue = &w->policy->rescue;
	bool is_ipv4 = w->family == FAMILY_INET;

	if (rescue->ssh_from_any)
		pass_ports(w, hook, "");
	for (size_t i = 0; i < rescue->ssh_from_count; i++)
		if (addr_is_ipv4(&rescue->ssh_from[i].first) == is_ipv4)
			pass_range(w, hook, rescue->ssh_from[i]);
}

static void rescue(struct writer *w, enum hook hook)
{
	pass_established(w);
	if (hook != HOOK_FORWARD) {
		pass_administrators(w, hook);
		pass_neighbours(w);
		pass_dhcp(w, hook);
	}
	add_rule(w, "-j DROP");
}

static void close_hook(struct writer *w, enum hook hook)
{
	if (hook == HOOK_OUTPUT)
		pass_answers(w);
	add_rule(w, "-j DROP");
}

/* filter */

/*
 * Where nothing is dropped, an accepted packet need not be known.  And where
 * no packet comes that was not queued, its mark has both bits.
 */
static void filter_hook(struct writer *w, enum hook hook)
{
	const struct redirect *redirect = &w->policy->redirect;
	enum on_failure on_failure = redirect->on_failure;
	uint32_t mask = mask_of(redirect);
	uint32_t accepted = redirect->accept_mark;
	bool is_open = on_failure == FAILURE_OPEN ||
		       (on_failure == FAILURE_RESCUE && hook == HOOK_OUTPUT &&
			w->policy->rescue.output);

	if (on_failure == FAILURE_CLOSED && hook == HOOK_OUTPUT)
		accepted = mask;
	begin_chain(w, hook_info[hook].chain);
	skip_interfaces(w, hook);
	add_rule(w, "-m mark --mark 0x%x/0x%x -j " REDIRECT_PREFIX "REJ",
		 redirect->reject_mark, mask);
	if (is_open)
		return;
	add_rule(w, "-m mark --mark 0x%x/0x%x -j RETURN", accepted, mask);
	if (on_failure == FAILURE_RESCUE)
		rescue(w, hook);
	else
		close_hook(w, hook);
}

static void print_filter(struct writer *w)
{
	begin_table(w, "filter");
	declare_hooks(w);
	declare_chain(w, "REJ");
	jump_from_hooks(w);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (has_hook(w, (enum hook)i))
			filter_hook(w, (enum hook)i);
	begin_chain(w, "REJ");
	add_rule(w, "-p tcp -j REJECT --reject-with tcp-reset");
	add_rule(w, "-j REJECT --reject-with %s",
		 w->family == FAMILY_INET ? "icmp-port-unreachable"
					  : "icmp6-port-unreachable");
	end_table(w);
}

/*
 * Others may accept in filter before we are asked, or empty it.  What has both
 * bits still was judged by nobody, so the rescue rules are asked here as well.
 */
static void guard_hook(struct writer *w, enum hook hook)
{
	const struct redirect *redirect = &w->policy->redirect;
	uint32_t mask = mask_of(redirect);

	begin_chain(w, hook_info[hook].chain);
	add_rule(w, "-m mark --mark 0x%x/0x%x -j DROP", redirect->reject_mark,
		 mask);
	if (redirect->on_failure != FAILURE_RESCUE || hook == HOOK_OUTPUT)
		return;
	add_rule(w, "-m mark ! --mark 0x%x/0x%x -j RETURN", mask, mask);
	rescue(w, hook);
}

static void print_security(struct writer *w)
{
	begin_table(w, "security");
	declare_hooks(w);
	jump_from_hooks(w);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (has_hook(w, (enum hook)i))
			guard_hook(w, (enum hook)i);
	end_table(w);
}

/* First what guards, last what depends on it: tables take effect one by one. */
void redirect_rules_print(const struct policy *policy, enum family family,
			  FILE *out)
{
	const struct redirect *redirect = &policy->redirect;
	struct writer w = { .policy = policy, .family = family, .out = out };

	if (!redirect->hooks || !(redirect->families >> family & 1))
		return;
	print_security(&w);
	print_mangle(&w);
	print_filter(&w);
}
