/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last good policy, as an image.
 */
#include "daemon/lastgood.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/statefile.h"
#include "policy/image.h"

enum { IMAGE_MAX = 256 * 1024 * 1024 };

static const char name[] = "last-good.image";

static bool write_image(FILE *out, void *arg)
{
	const struct diagnostics none = { 0 };

	return policy_image_write(*(const struct policy **)arg, &none, out);
}

int lastgood_save(const struct policy *policy)
{
	return statefile_replace(name, write_image, &policy);
}

/* All of a file; NULL: it cannot be read, or is too large.  To be freed. */
static char *read_file(FILE *in, size_t *len)
{
	struct stat st;
	char *bytes;

	if (fstat(fileno(in), &st) < 0 || st.st_size > IMAGE_MAX)
		return NULL;
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes)
		*len = fread(bytes, 1, (size_t)st.st_size, in);
	return bytes;
}

struct policy *lastgood_load(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = NULL;
	FILE *in = statefile_open(name);
	size_t len = 0;
	char *bytes;

	if (!in)
		return NULL;
	bytes = read_file(in, &len);
	(void)fclose(in);
	if (bytes && policy_image_read(bytes, len, &policy, &diags))
		diagnostics_fini(&diags);
	free(bytes);
	return policy;
}
