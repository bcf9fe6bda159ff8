/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results of tests, as TAP, JSON and XML.
 */
#include "tool/test_print.h"

#include <string.h>

#include "tool/output.h"

/* Each line of a message, behind @indent. */
static void print_lines(const char *message, const char *indent, FILE *out)
{
	size_t len = strcspn(message, "\n");

	fprintf(out, "%s%.*s\n", indent, (int)len, message);
	while (message[len]) {
		message += len + 1;
		len = strcspn(message, "\n");
		fprintf(out, "%s%.*s\n", indent, (int)len, message);
	}
}

/* In a description "#" would begin a directive. */
static void print_description(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
	fputc('\n', out);
}

void test_print_tap(const struct tested *tested, FILE *out)
{
	fprintf(out, "TAP version 13\n1..%zu\n", tested->tests->count);
	for (size_t i = 0; i < tested->tests->count; i++) {
		const struct policy_test *test = &tested->tests->list[i];
		const struct test_result *result = &tested->results[i];

		fprintf(out, "%sok %zu - ", result->passed ? "" : "not ",
			i + 1);
		print_description(test->name, out);
		if (result->passed)
			continue;
		fprintf(out, "# %s:%u:\n", test->file, result->line);
		print_lines(result->message, "#   ", out);
	}
	if (tested->failed > 0)
		fprintf(out, "# %zu of %zu failed\n", tested->failed,
			tested->tests->count);
}

bool test_print_json(const struct tested *tested, FILE *out)
{
	for (size_t i = 0; i < tested->tests->count; i++) {
		const struct policy_test *test = &tested->tests->list[i];
		const struct test_result *result = &tested->results[i];
		json_t *object = json_pack(
			"{s:o, s:s, s:o, s:i, s:o}", "test",
			output_text(test->name), "result",
			result->passed ? "pass" : "fail", "file",
			output_text(test->file), "line", (int)result->line,
			"message",
			output_text(result->passed ? NULL : result->message));

		if (!output_line(object, out))
			return false;
	}
	return true;
}

/* What XML 1.0 allows in the value of an attribute. */
static void print_xml(const char *text, FILE *out)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\n', "&#10;" },
	};

	for (; *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]);
		     i++)
			if (entities[i].c == *text)
				entity = entities[i].entity;
		if (entity)
			fputs(entity, out);
		else
			fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
}

static void print_attribute(const char *name, const char *value, FILE *out)
{
	fprintf(out, " %s=\"", name);
	print_xml(value, out);
	fputc('"', out);
}

void test_print_junit(const struct tested *tested, FILE *out)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"statewall\" tests=\"%zu\" "
		"failures=\"%zu\">\n",
		tested->tests->count, tested->failed);
	for (size_t i = 0; i < tested->tests->count; i++) {
		const struct policy_test *test = &tested->tests->list[i];
		const struct test_result *result = &tested->results[i];

		fputs("  <testcase", out);
		print_attribute("classname", test->file, out);
		print_attribute("name", test->name, out);
		print_attribute("file", test->file, out);
		fprintf(out, " line=\"%u\"", result->line);
		if (result->passed) {
			fputs("/>\n", out);
			continue;
		}
		fputs(">\n    <failure", out);
		print_attribute("message", result->message, out);
		fputs("/>\n  </testcase>\n", out);
	}
	fputs("</testsuite>\n", out);
}
