/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the list of differences and looks things up in it.
 */
#include "conntrack/differences.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const char blanks[] = " \t\n";

struct difference {
	unsigned int number; /* of the line */
	char *text;          /* of the line; the others point into it */
	const char *scenario;
	bool kernel_accepts;
	const char *reason;
	const char *packet;
	bool is_needed;
};

/* The next word of @rest, which moves on behind it; "": there is none. */
static const char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, blanks);

	*rest = word + strcspn(word, blanks);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool read_verdict(const char *word, bool *accepts)
{
	*accepts = strcmp(word, "accept") == 0;
	return *accepts || strcmp(word, "drop") == 0;
}

/* SCENARIO KERNEL OURS REASON PACKET; NULL, or what is wrong. */
static const char *cut(struct difference *line)
{
	char *rest = line->text;
	bool ours_accepts;

	line->scenario = take_word(&rest);
	if (!read_verdict(take_word(&rest), &line->kernel_accepts))
		return "the kernel's verdict should be accept or drop";
	if (!read_verdict(take_word(&rest), &ours_accepts) ||
	    ours_accepts == line->kernel_accepts)
		return "our verdict should be the other one";
	line->reason = take_word(&rest);
	rest += strspn(rest, blanks);
	rest[strcspn(rest, "\n")] = '\0';
	line->packet = rest;
	return *rest ? NULL : "the packet should follow the reason";
}

static void add_line(struct differences *known, unsigned int number,
		     const char *text)
{
	struct difference *list =
		realloc(known->list, (known->count + 1) * sizeof(*list));
	char *copy = strdup(text);

	if (!list || !copy)
		err(EXIT_FAILURE, "%s", known->file);
	known->list = list;
	list[known->count++] =
		(struct difference){ .number = number, .text = copy };
}

static const char kernel_word[] = "kernel ";

/* @version: "6.18" and the end of the line.  This one: "6.18.3-generic". */
static bool is_this_kernel(const char *version)
{
	size_t len = strcspn(version, blanks);
	struct utsname name;

	return uname(&name) == 0 && strncmp(name.release, version, len) == 0 &&
	       !isdigit((unsigned char)name.release[len]);
}

/* A line without indentation is prose: the reason for those below it. */
static const char *read_line(struct differences *known, unsigned int number,
			     const char *text, bool *has_reason)
{
	if (text[0] == '#' || !text[strspn(text, blanks)])
		return NULL;
	if (!*has_reason &&
	    strncmp(text, kernel_word, strlen(kernel_word)) == 0) {
		known->is_for_this_kernel =
			is_this_kernel(text + strlen(kernel_word));
		return NULL;
	}
	if (text[0] != '\t') {
		*has_reason = true;
		return NULL;
	}
	if (!*has_reason)
		return "say first why we differ";
	add_line(known, number, text);
	return cut(&known->list[known->count - 1]);
}

bool differences_read(struct differences *known, const char *file)
{
	FILE *stream = fopen(file, "r");
	const char *wrong = NULL;
	bool has_reason = false;
	char *text = NULL;
	size_t size = 0;

	*known = (struct differences){ .file = file };
	if (!stream) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return false;
	}
	for (unsigned int n = 1; !wrong && getline(&text, &size, stream) >= 0;
	     n++) {
		wrong = read_line(known, n, text, &has_reason);
		if (wrong)
			fprintf(stderr, "%s:%u: %s\n", file, n, wrong);
	}
	free(text);
	(void)fclose(stream);
	return !wrong;
}

void differences_fini(struct differences *known)
{
	for (size_t i = 0; i < known->count; i++)
		free(known->list[i].text);
	free(known->list);
}

static bool fits(const struct difference *line, const struct dispute *dispute)
{
	return line->kernel_accepts == dispute->kernel_accepts &&
	       fnmatch(line->reason, dispute->reason, 0) == 0 &&
	       fnmatch(line->scenario, dispute->scenario, 0) == 0 &&
	       fnmatch(line->packet, dispute->packet, 0) == 0;
}

bool differences_explain(struct differences *known,
			 const struct dispute *dispute)
{
	for (size_t i = 0; i < known->count; i++) {
		if (!fits(&known->list[i], dispute))
			continue;
		known->list[i].is_needed = true;
		return true;
	}
	return false;
}

size_t differences_find_needless(const struct differences *known)
{
	size_t needless = 0;

	for (size_t i = 0; i < known->count; i++) {
		const struct difference *line = &known->list[i];

		if (line->is_needed)
			continue;
		needless++;
		printf("%s:%u: there is no such difference: %s %s\n",
		       known->file, line->number, line->scenario, line->packet);
	}
	return needless;
}
