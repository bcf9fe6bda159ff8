/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as text: what "statewall check", "nft -f" and "iptables-restore" read.
 */
#include "bench/rules_print.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "bench/classbench.h"

/* How a language says what a rule asks; the texts are formats of one "%s". */
struct form {
	const char *name;
	const char *head;
	const char *tail;
	char dash; /* between the ends of a range */
	const char *src;
	const char *dst;
	const char *proto;
	const char *sport;
	const char *dport;
	void (*begin)(const struct cb_rule *rule, size_t number);
	void (*end)(const struct cb_rule *rule);
};

static void begin_conf(const struct cb_rule *rule, size_t number)
{
	(void)printf("{ name = \"r%zu\"; action = \"%s\";", number,
		     rule->drop ? "drop" : "accept");
}

static void end_conf(const struct cb_rule *rule)
{
	(void)rule;
	(void)printf(" },\n");
}

static void begin_nft(const struct cb_rule *rule, size_t number)
{
	(void)rule;
	(void)number;
}

static void end_nft(const struct cb_rule *rule)
{
	(void)printf(" counter %s\n", rule->drop ? "drop" : "accept");
}

static void begin_iptables(const struct cb_rule *rule, size_t number)
{
	(void)rule;
	(void)number;
	(void)printf("-A FORWARD");
}

static void end_iptables(const struct cb_rule *rule)
{
	(void)printf(" -j %s\n", rule->drop ? "DROP" : "ACCEPT");
}

static const struct form forms[] = {
	{ "conf", "version = 1;\nrules = (\n",
	  "{ name = \"last\"; action = \"drop\"; }\n);\n", '-',
	  " src = \"%s\";", " dst = \"%s\";", " proto = \"%s\";",
	  " sport = \"%s\";", " dport = \"%s\";", begin_conf, end_conf },
	{ "nft", "table ip bench {\nchain forward {\n", "}\n}\n", '-',
	  " ip saddr %s", " ip daddr %s", " meta l4proto %s", " th sport %s",
	  " th dport %s", begin_nft, end_nft },
	{ "iptables", "*filter\n:FORWARD ACCEPT [0:0]\n", "COMMIT\n", ':',
	  " -s %s", " -d %s", " -p %s", " --sport %s", " --dport %s",
	  begin_iptables, end_iptables },
};

static const char *proto_text(uint8_t ipproto)
{
	if (ipproto == IPPROTO_TCP)
		return "tcp";
	return ipproto == IPPROTO_UDP ? "udp" : "icmp";
}

/* @format has one "%s", which the compiler cannot see. */
static void print_part(const char *format, const char *text)
{
	const char *gap = strstr(format, "%s");

	(void)printf("%.*s%s%s", (int)(gap - format), format, text, gap + 2);
}

static void print_rule(const struct form *form, const struct cb_rule *rule,
		       size_t number)
{
	char text[CB_TEXT_LEN];

	form->begin(rule, number);
	if (rule->src.len)
		print_part(form->src, cb_network_text(&rule->src, text));
	if (rule->dst.len)
		print_part(form->dst, cb_network_text(&rule->dst, text));
	if (rule->ipproto)
		print_part(form->proto, proto_text(rule->ipproto));
	if (!cb_is_any(&rule->sport))
		print_part(form->sport,
			   cb_ports_text(&rule->sport, form->dash, text));
	if (!cb_is_any(&rule->dport))
		print_part(form->dport,
			   cb_ports_text(&rule->dport, form->dash, text));
	form->end(rule);
}

bool rules_print(const char *name, const struct cb_rule *list, size_t len)
{
	const struct form *form = NULL;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			form = &forms[i];
	if (!form)
		return false;
	(void)fputs(form->head, stdout);
	for (size_t i = 0; i < len; i++)
		print_rule(form, &list[i], i);
	(void)fputs(form->tail, stdout);
	return true;
}
