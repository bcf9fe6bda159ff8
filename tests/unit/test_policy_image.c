/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images of policies: what is written is read again, and what is damaged is
 * refused or at least a policy.
 */
#include "policy/image.h"

#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/packet.h"
#include "policy/text.h"
#include "unit/run.h"

/* Every kind of thing that an image holds. */
static const char sample[] =
	"version = 1;\n"
	"queues = \"2-5\";\n"
	"queue_length = 100;\n"
	"limits = { connections = 4096; };\n"
	"redirect = { hooks = \"input\"; families = \"inet6\";"
	"  skip_interfaces = [ \"lo\", \"veth*\" ]; on_failure = \"closed\";"
	"  marks = { accept = 0x400000; reject = 0x800000; }; self_heal = false; };\n"
	"rescue = { ssh_port = ( 22, 2222 ); output = \"drop\";"
	"  ssh_from = [ \"192.0.2.0/24\", \"2001:db8::/32\" ];"
	"  established = false; };\n"
	"policy = { output = \"accept\"; log = \"all\"; };\n"
	"timeouts = { icmp = \"9s\"; };\n"
	"settings = { mode = \"audit\"; on_reload = \"flush\";"
	"  track = \"liberal\"; };\n"
	"tcp = { pickup = \"loose\"; syn_data = \"deny\"; syn_urg = true; };\n"
	"udp = { zero_checksum_ports = \"4789,6081-6082\"; };\n"
	"zones = { lan = { interfaces = [ \"lan*\", \"br0\" ]; };\n"
	"          wan = { interfaces = \"wan0\"; antispoof = true;"
	"            networks = \"192.0.2.0/24\"; }; };\n"
	"tables = { bad = { entries = [ \"192.0.2.0/24\", \"2001:db8::1\" ];"
	"  dynamic = true; max_entries = 8; timeout = \"1h\"; block = true;"
	"  persist = true; };"
	"};\n"
	"rules = (\n"
	"  { name = \"bad\"; action = \"drop\"; from = \"wan\"; src = \"<bad>\";"
	"    log = true; },\n"
	"  { name = \"web\"; action = \"accept\"; to = \"self\"; proto = \"tcp\";"
	"    dport = \"80,443\"; set_mark = \"0x10/0x3f\"; },\n"
	"  { name = \"ping\"; action = \"reject\"; icmp_type = \"8/0\"; },\n"
	"  { name = \"all\"; action = \"accept\"; comment = \"c\";"
	"    expires = \"2030-01-01Z\";"
	"    schedule = { days = \"sat-mon\"; hours = \"22:00-06:00Z\"; };"
	"    limit = { new = \"1/s\"; per = \"source\"; };"
	"    log = \"all\";"
	"    state = { max = 3; timeouts = { icmp = \"1s\"; }; }; }\n"
	");\n";

/* A growing file in memory. */
struct bytes {
	char *at;
	size_t len;
};

static struct bytes write_image(const struct policy *policy,
				const struct diagnostics *diags)
{
	struct bytes image;
	FILE *out = open_memstream(&image.at, &image.len);

	ck_assert_ptr_nonnull(out);
	ck_assert(policy_image_write(policy, diags, out));
	ck_assert_int_eq(fclose(out), 0);
	return image;
}

static char *print_policy(const struct policy *policy)
{
	struct bytes text;
	FILE *out = open_memstream(&text.at, &text.len);

	ck_assert_ptr_nonnull(out);
	ck_assert(policy_print(policy, out));
	ck_assert_int_eq(fclose(out), 0);
	return text.at;
}

static char *print_diagnostics(const struct diagnostics *diags)
{
	struct bytes text;
	FILE *out = open_memstream(&text.at, &text.len);

	ck_assert_ptr_nonnull(out);
	diagnostics_print(diags, out);
	ck_assert_int_eq(fclose(out), 0);
	return text.at;
}

static struct bytes sample_image(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy =
		policy_parse(sample, strlen(sample), "sample", &diags);
	struct bytes image;

	ck_assert_ptr_nonnull(policy);
	image = write_image(policy, &diags);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return image;
}

static void check_same_policy(const struct policy *a, const struct policy *b)
{
	char *left = print_policy(a);
	char *right = print_policy(b);

	ck_assert_str_eq(left, right);
	free(left);
	free(right);
}

static void check_same_diagnostics(const struct diagnostics *a,
				   const struct diagnostics *b)
{
	char *left = print_diagnostics(a);
	char *right = print_diagnostics(b);

	ck_assert_str_eq(left, right);
	ck_assert(a->errors == b->errors && a->warnings == b->warnings);
	free(left);
	free(right);
}

/* Whether @policy can be used like any other. */
static void use(const struct policy *policy)
{
	const struct packet packet = { .hook = HOOK_INPUT };
	struct diagnostics diags = { 0 };
	struct bytes image = write_image(policy, &diags);
	struct policy *again = NULL;

	(void)ruleset_classify(policy->rules, &packet, (struct moment){ 0 });
	ck_assert(policy_image_read(image.at, image.len, &again, &diags));
	check_same_policy(policy, again);
	policy_destroy(again);
	free(image.at);
}

/* Reads a copy of its own, so that reading beyond its end is seen. */
static bool read_copy(const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	struct diagnostics diags = { 0 };
	struct policy *policy = NULL;
	bool ok;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	ok = policy_image_read(copy, len, &policy, &diags);
	free(copy);
	ck_assert_msg(ok || (!policy && diags.len == 0), "set on failure");
	if (policy)
		use(policy);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return ok;
}

/* Writes and reads what the file at @path gives, and compares. */
static void check_round_trip(const char *path)
{
	struct diagnostics diags = { 0 };
	struct diagnostics again_diags = { 0 };
	struct policy *policy = policy_load(path, &diags);
	struct policy *again = NULL;
	struct bytes image = write_image(policy, &diags);

	ck_assert(policy_image_read(image.at, image.len, &again, &again_diags));
	check_same_diagnostics(&diags, &again_diags);
	ck_assert_msg(!policy == !again, "%s", path);
	if (policy)
		check_same_policy(policy, again);
	free(image.at);
	policy_destroy(policy);
	policy_destroy(again);
	diagnostics_fini(&diags);
	diagnostics_fini(&again_diags);
}

START_TEST(every_configuration_survives)
{
	glob_t files;

	ck_assert_int_eq(glob("tests/config/*.conf", 0, NULL, &files), 0);
	ck_assert_uint_gt(files.gl_pathc, 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_round_trip(files.gl_pathv[i]);
	globfree(&files);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	struct bytes image = sample_image();

	for (size_t len = 0; len < image.len; len++)
		ck_assert_msg(!read_copy(image.at, len), "%zu octets", len);
	ck_assert(read_copy(image.at, image.len));
	free(image.at);
}
END_TEST

START_TEST(something_behind_the_end_is_refused)
{
	struct bytes image = sample_image();

	image.at = realloc(image.at, image.len + 1);
	ck_assert_ptr_nonnull(image.at);
	image.at[image.len] = '\0';
	ck_assert(!read_copy(image.at, image.len + 1));
	free(image.at);
}
END_TEST

START_TEST(every_other_octet_is_refused_or_is_a_policy)
{
	struct bytes image = sample_image();
	size_t refused = 0;

	for (size_t i = 0; i < image.len; i++) {
		char original = image.at[i];

		for (int change = 1; change < 256; change++) {
			image.at[i] = (char)(original ^ change);
			if (!read_copy(image.at, image.len))
				refused++;
		}
		image.at[i] = original;
	}
	ck_assert_uint_gt(refused, 0);
	free(image.at);
}
END_TEST

START_TEST(an_image_without_policy_carries_the_faults)
{
	struct diagnostics diags = { 0 };
	struct diagnostics read_diags = { 0 };
	struct policy *policy = NULL;
	struct bytes image;

	for (unsigned int i = 0; i < DIAGNOSTICS_MAX + 5; i++)
		diagnostics_add(&diags, CODE_UNREADABLE, "a.conf", i, "wrong");
	image = write_image(NULL, &diags);
	ck_assert(policy_image_read(image.at, image.len, &policy, &read_diags));
	ck_assert_ptr_null(policy);
	ck_assert_uint_eq(read_diags.len, DIAGNOSTICS_MAX);
	ck_assert_uint_eq(read_diags.errors, DIAGNOSTICS_MAX + 5);
	ck_assert_str_eq(read_diags.list[3].file, "a.conf");
	ck_assert_uint_eq(read_diags.list[3].line, 3);
	ck_assert_str_eq(read_diags.list[3].message, "wrong");
	free(image.at);
	diagnostics_fini(&diags);
	diagnostics_fini(&read_diags);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct diagnostics diags = { 0 };
	FILE *out = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(out);
	setbuf(out, NULL);
	ck_assert(!policy_image_write(NULL, &diags, out));
	(void)fclose(out);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("image");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_configuration_survives);
	tcase_add_test(tc, every_truncation_is_refused);
	tcase_add_test(tc, something_behind_the_end_is_refused);
	tcase_add_test(tc, every_other_octet_is_refused_or_is_a_policy);
	tcase_add_test(tc, an_image_without_policy_carries_the_faults);
	tcase_add_test(tc, a_full_disk_is_told);
	return run_tests(tc, "policy_image");
}
