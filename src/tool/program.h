/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running another program, without a shell in between.
 */
#ifndef TOOL_PROGRAM_H
#define TOOL_PROGRAM_H

struct program_result {
	int status;   /* of exit; 128 and the signal that ended it */
	char *output; /* standard output, and the same of errors */
	char *errors;
};

/*
 * @argv ends with NULL; its first word is looked for in PATH.  @input is what
 * the program reads.  0, and the caller frees both texts; or -errno: it could
 * not be started.
 */
int program_run(const char *const argv[], const char *input,
		struct program_result *result);
void program_result_fini(struct program_result *result);

#endif
