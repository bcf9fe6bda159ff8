/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard error in a memfd.
 */
#include "unit/capture.h"

#include <check.h>
#include <sys/mman.h>
#include <unistd.h>

static int captured = -1;
static int before = -1;

void capture_start(void)
{
	captured = memfd_create("stderr", MFD_CLOEXEC);
	before = dup(STDERR_FILENO);
	ck_assert_int_ge(captured, 0);
	ck_assert_int_eq(dup2(captured, STDERR_FILENO), STDERR_FILENO);
}

const char *capture_stop(void)
{
	static char text[CAPTURE_MAX + 1];
	ssize_t len;

	ck_assert_int_eq(dup2(before, STDERR_FILENO), STDERR_FILENO);
	len = pread(captured, text, CAPTURE_MAX, 0);
	ck_assert_int_ge(len, 0);
	text[len] = '\0';
	(void)close(captured);
	(void)close(before);
	return text;
}
