/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical form of the sections redirect and rescue, if they were given.
 */
#include "policy/print.h"

/* [ "input", "output" ] */
static void print_bits(const char *key, unsigned int bits,
		       const char *const *names, FILE *out)
{
	const char *separator = " ";

	fprintf(out, "\t%s = [", key);
	for (unsigned int i = 0; bits >> i; i++) {
		if (!(bits >> i & 1))
			continue;
		fprintf(out, "%s\"%s\"", separator, names[i]);
		separator = ", ";
	}
	fputs(" ];\n", out);
}

void policy_print_redirect(const struct redirect *redirect, FILE *out)
{
	if (!redirect->given)
		return;
	fputs("\nredirect = {\n", out);
	print_bits("hooks", redirect->hooks, hook_names, out);
	print_bits("families", redirect->families, redirect_family_names, out);
	fputs("\tskip_interfaces = [", out);
	for (size_t i = 0; i < redirect->skip_count; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : " ", redirect->skip[i]);
	fputs(" ];\n", out);
	fprintf(out,
		"\ton_failure = \"%s\";\n"
		"\tmarks = { accept = 0x%x; reject = 0x%x; };\n"
		"\tself_heal = %s;\n"
		"};\n",
		redirect_failure_names[redirect->on_failure],
		redirect->accept_mark, redirect->reject_mark,
		policy_boolean(redirect->self_heal));
}

static void print_ssh_from(const struct rescue *rescue, FILE *out)
{
	if (rescue->ssh_from_any)
		return;
	fputs("\tssh_from = [", out);
	for (size_t i = 0; i < rescue->ssh_from_count; i++) {
		char text[ADDR_RANGE_TEXT_LEN];

		addr_range_format(&rescue->ssh_from[i], text);
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : " ", text);
	}
	fputs(" ];\n", out);
}

void policy_print_rescue(const struct rescue *rescue, FILE *out)
{
	if (!rescue->given)
		return;
	fputs("\nrescue = {\n\tssh_port = (", out);
	for (size_t i = 0; i < rescue->ssh_port_count; i++)
		fprintf(out, "%s%u", i > 0 ? ", " : " ", rescue->ssh_ports[i]);
	fputs(" );\n", out);
	print_ssh_from(rescue, out);
	fprintf(out,
		"\toutput = \"%s\";\n"
		"\testablished = %s;\n"
		"};\n",
		rescue->output ? "accept" : "drop",
		policy_boolean(rescue->established));
}
