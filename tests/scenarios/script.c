/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads files of scenarios.
 */
#include "scenarios/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

static void *grow(void *array, size_t count, size_t size)
{
	/* Doubles at 0, 1, 2, 4 ...; tests end when memory does. */
	if (count & (count - 1))
		return array;
	array = realloc(array, (count ? count * 2 : 1) * size);
	if (!array)
		abort();
	return array;
}

static char *copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

static void add_line(struct script *script, const char *file,
		     unsigned int number, const char *text)
{
	script->lines = grow(script->lines, script->line_count,
			     sizeof(script->lines[0]));
	script->lines[script->line_count++] =
		(struct line){ file, number, copy_text(text) };
}

static void add_block(struct script *script, const char *head, bool is_prelude)
{
	const char *id = head + strcspn(head, blanks);
	const char *title;

	id += strspn(id, blanks);
	title = id + strcspn(id, blanks);
	script->blocks = grow(script->blocks, script->block_count,
			      sizeof(script->blocks[0]));
	script->blocks[script->block_count++] = (struct block){
		.id = strndup(id, (size_t)(title - id)),
		.title = copy_text(title + strspn(title, blanks)),
		.is_prelude = is_prelude,
		.head = script->line_count - 1,
	};
}

static bool starts_with(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 &&
	       (!text[len] || strchr(blanks, text[len]));
}

static const char *trim(char *text)
{
	char *comment = strchr(text, '#');
	size_t len;

	if (comment)
		*comment = '\0';
	for (len = strlen(text); len && strchr(blanks, text[len - 1]); len--)
		text[len - 1] = '\0';
	return text + strspn(text, blanks);
}

static bool take_line(struct script *script, const char *file,
		      unsigned int number, const char *text)
{
	bool is_prelude = starts_with(text, "prelude");

	add_line(script, file, number, text);
	if (is_prelude || starts_with(text, "scenario")) {
		add_block(script, text, is_prelude);
		return true;
	}
	if (!script->block_count) {
		fprintf(stderr,
			"%s:%u: \"%s\": begin with \"scenario ID TITLE\"\n",
			file, number, text);
		return false;
	}
	script->blocks[script->block_count - 1].count++;
	return true;
}

bool script_read(struct script *script, const char *file)
{
	FILE *stream = fopen(file, "r");
	char *buffer = NULL;
	size_t size = 0;
	bool ok = true;

	if (!stream) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return false;
	}
	for (unsigned int n = 1; ok && getline(&buffer, &size, stream) >= 0;
	     n++) {
		const char *text = trim(buffer);

		if (*text)
			ok = take_line(script, file, n, text);
	}
	free(buffer);
	(void)fclose(stream);
	return ok;
}

void script_fini(struct script *script)
{
	for (size_t i = 0; i < script->line_count; i++)
		free(script->lines[i].text);
	for (size_t i = 0; i < script->block_count; i++) {
		free(script->blocks[i].id);
		free(script->blocks[i].title);
	}
	free(script->lines);
	free(script->blocks);
}

const struct block *script_prelude(const struct script *script, const char *id)
{
	for (size_t i = 0; i < script->block_count; i++)
		if (script->blocks[i].is_prelude &&
		    strcmp(script->blocks[i].id, id) == 0)
			return &script->blocks[i];
	return NULL;
}
