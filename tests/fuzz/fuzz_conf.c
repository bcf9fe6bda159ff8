/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any octets as a configuration file.
 *
 * They give a policy or errors, never both.  What libconfig gets to see, it
 * understands, mended or not.  The canonical form of a policy is its own canonical form, and
 * an image of it is the same policy again.
 *
 * No file is ever opened: the open() below takes the place of the C library's.
 * What stands behind the first line that begins with a NUL is the content of
 * every included file whose name ends in "part"; no other file exists.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/image.h"
#include "policy/policy.h"
#include "policy/scan.h"
#include "policy/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *part;
static size_t part_len;

/* The C library has reserved names for these. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	size_t len = strlen(path);
	int fd;

	(void)flags;
	if (len < 4 || strcmp(path + len - 4, "part") != 0) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("part", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, part, part_len) != (ssize_t)part_len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static char *print(const struct policy *policy)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool ok;

	assert(out);
	ok = policy_print(policy, out);
	assert(ok && fclose(out) == 0);
	return text;
}

static void check_same(const struct policy *policy, const char *text)
{
	char *again = print(policy);

	assert(strcmp(again, text) == 0);
	free(again);
}

static void check_text(const char *text)
{
	struct diagnostics diags = { 0 };
	struct policy *policy =
		policy_parse(text, strlen(text), "canonical", &diags);

	if (!policy) {
		diagnostics_print(&diags, stderr);
		fputs(text, stderr);
	}
	assert(policy);
	check_same(policy, text);
	policy_destroy(policy);
	diagnostics_fini(&diags);
}

static void check_image(const struct policy *policy, const char *text,
			const struct diagnostics *diags)
{
	struct diagnostics read_diags = { 0 };
	struct policy *read = NULL;
	char *image = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&image, &len);
	bool ok;

	assert(out);
	ok = policy_image_write(policy, diags, out);
	assert(ok && fclose(out) == 0);
	ok = policy_image_read(image, len, &read, &read_diags);
	assert(ok && !read == !policy && read_diags.len == diags->len);
	if (read)
		check_same(read, text);
	policy_destroy(read);
	diagnostics_fini(&read_diags);
	free(image);
}

/* Or else what stands behind a fault would not be checked. */
static void check_mended(const char *text, size_t len)
{
	const struct scan_input input = {
		.name = "/nonexistent/fuzz",
		.text = text,
		.len = len,
	};
	struct diagnostics diags = { 0 };
	struct document doc = { 0 };
	struct tree_fault fault;
	struct tree *tree;
	bool ok;

	scan(&doc, &input, &diags);
	tree = tree_parse(doc.text.at ? doc.text.at : "", &fault);
	if (!tree)
		fprintf(stderr, "line %u: %s:\n%s\n", fault.line, fault.text,
			doc.text.at);
	assert(tree);
	ok = tree_set_marks(tree, doc.marks, doc.mark_count);
	assert(ok);
	tree_destroy(tree);
	document_fini(&doc);
	diagnostics_fini(&diags);
}

/* Sets the included part; returns the length of the rest. */
static size_t split(const uint8_t *data, size_t size)
{
	const uint8_t *mark = memmem(data, size, "\n\0", 2);

	part = data + size;
	part_len = 0;
	if (!mark)
		return size;
	part = mark + 2;
	part_len = (size_t)(data + size - part);
	return (size_t)(mark + 1 - data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = split(data, size);
	struct diagnostics diags = { 0 };
	struct policy *policy;
	char *text = NULL;

	policy = policy_parse((const char *)data, len, "/nonexistent/fuzz",
			      &diags);
	assert(!policy == (diags.errors > 0));
	check_mended((const char *)data, len);
	if (policy) {
		text = print(policy);
		check_text(text);
	}
	check_image(policy, text, &diags);
	free(text);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return 0;
}
