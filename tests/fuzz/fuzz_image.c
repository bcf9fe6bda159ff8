/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damaged images: each is refused, or is a policy that can be used.
 *
 * The input is a list of changes to the image of a policy that has one of
 * everything: three octets each, which are an offset and what to write there.
 * From nothing but random octets no fuzzer finds as much as the magic number.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/packet.h"
#include "policy/image.h"
#include "policy/policy.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sample[] =
	"version = 1;"
	"zones = { lan = { interfaces = [ \"lan*\", \"br0\" ]; }; };"
	"tables = { t = { entries = [ \"192.0.2.0/24\", \"2001:db8::1\" ]; "
	"never_block = true; }; "
	"d = { dynamic = true; max_entries = 9; timeout = \"1m\"; "
	"block = true; }; };"
	"settings = { mode = \"audit\"; on_reload = \"keep\"; };"
	"policy = { output = \"accept\"; };"
	"rules = ("
	"{ name = \"a\"; action = \"drop\"; from = \"lan\"; src = \"<t>\"; "
	"log = true; },"
	"{ name = \"b\"; action = \"accept\"; to = \"self\"; dst = "
	"\"!198.51.100.1-198.51.100.9\"; proto = \"tcp\"; sport = \"1-9\"; "
	"dport = \"80,443\"; },"
	"{ name = \"c\"; action = \"reject\"; icmp_type = \"echo-request\"; },"
	"{ name = \"d\"; action = \"accept\"; service = \"udp/53\"; "
	"comment = \"c\"; expires = \"2030-01-01\"; "
	"state = { track = \"liberal\"; pickup = false; max = 7; "
	"timeouts = { icmp = \"5s\"; }; }; "
	"limit = { new = \"3/s\"; burst = 9; per = \"source/24,source/56\"; "
	"over = \"reject\"; overload = \"<d>\"; kill_states = true; }; }, "
	"{ name = \"e\"; action = \"continue\"; dscp = \"ef\"; "
	"mark = \"1/3\"; uid = \"5-9\"; tcp_flags = \"syn\"; } );";

static uint8_t *image;
static size_t image_len;

static char *write_image(const struct policy *policy,
			 const struct diagnostics *diags, size_t *len)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, len);
	bool ok;

	assert(out);
	ok = policy_image_write(policy, diags, out);
	assert(ok && fclose(out) == 0);
	return bytes;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer has it so. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct diagnostics diags = { 0 };
	struct policy *policy =
		policy_parse(sample, strlen(sample), "sample", &diags);

	(void)argc;
	(void)argv;
	assert(policy);
	diagnostics_add(&diags, CODE_NOT_ANSWERED, "sample", 1, "a warning");
	image = (uint8_t *)write_image(policy, &diags, &image_len);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return 0;
}

/* What was accepted can be written, read again and asked. */
static void use(const struct policy *policy, const struct diagnostics *diags)
{
	const struct packet packet = { .hook = HOOK_INPUT };
	const struct moment when = { 0 };
	struct diagnostics read_diags = { 0 };
	struct policy *read = NULL;
	size_t len = 0;
	char *bytes = write_image(policy, diags, &len);
	bool ok = policy_image_read(bytes, len, &read, &read_diags);

	assert(ok && !read == !policy && read_diags.len == diags->len);
	if (policy)
		(void)ruleset_classify(policy->rules, &packet, when);
	policy_destroy(read);
	diagnostics_fini(&read_diags);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = NULL;
	uint8_t *copy = malloc(image_len);

	assert(copy);
	memcpy(copy, image, image_len);
	for (; size >= 3; data += 3, size -= 3)
		copy[(data[0] << 8 | data[1]) % image_len] = data[2];
	if (policy_image_read(copy, image_len, &policy, &diags))
		use(policy, &diags);
	else
		assert(!policy && diags.len == 0 && diags.errors == 0);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	free(copy);
	return 0;
}
