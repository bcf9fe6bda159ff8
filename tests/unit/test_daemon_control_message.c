/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the control sockets: which are understood, and what is said of
 * the others.
 */
#include "daemon/control_message.h"

#include <string.h>

#include "unit/run.h"

static const struct {
	const char *text;
	const char *method;
	bool more;
} good[] = {
	{ "{\"method\":\"io.statewall.Status\"}", "io.statewall.Status",
	  false },
	{ " { \"method\" : \"x\" , \"parameters\" : {} } ", "x", false },
	{ "{\"method\":\"x\",\"more\":true}", "x", true },
	{ "{\"method\":\"x\",\"more\":false,\"later\":[1]}", "x", false },
	/* Brackets in strings are no nesting. */
	{ "{\"method\":\"x\",\"later\":\"[[[[[[[[[[[\\\"[[[[\"}", "x", false },
	{ "{\"method\":\"x\",\"later\":[[[[[[[]]]]]]]}", "x", false },
};

START_TEST(a_request_is_understood)
{
	struct control_request request = { 0 };
	json_t *error = NULL;

	ck_assert_msg(control_request_read(&request, good[_i].text,
					   strlen(good[_i].text), &error),
		      "%s", good[_i].text);
	ck_assert_str_eq(request.method, good[_i].method);
	ck_assert(request.more == good[_i].more);
	ck_assert(json_is_object(request.parameters));
	control_request_fini(&request);
}
END_TEST

static const struct {
	const char *text;
	const char *error;
	const char *says;
} bad[] = {
	{ "", "io.statewall.InvalidRequest", "not JSON" },
	{ "status", "io.statewall.InvalidRequest", "not JSON" },
	{ "{\"method\":\"x\"", "io.statewall.InvalidRequest", "not JSON" },
	{ "{\"method\":\"x\"} {}", "io.statewall.InvalidRequest", "not JSON" },
	{ "{\"method\":\"x\",\"method\":\"y\"}", "io.statewall.InvalidRequest",
	  "uplicate" },
	{ "{\"method\":\"\\u0000\"}", "io.statewall.InvalidRequest",
	  "not JSON" },
	{ "{\"method\":\"\xff\"}", "io.statewall.InvalidRequest", "not JSON" },
	{ "[]", "io.statewall.InvalidRequest", "is an object" },
	{ "{}", "io.statewall.InvalidRequest", "\"method\" is missing" },
	{ "{\"method\":1}", "io.statewall.InvalidRequest",
	  "\"method\" is missing" },
	{ "{\"method\":\"x\",\"parameters\":[]}", "io.statewall.InvalidRequest",
	  "must be an object" },
	{ "{\"method\":\"x\",\"more\":1}", "io.statewall.InvalidRequest",
	  "true or false" },
	{ "{\"method\":\"x\",\"later\":[[[[[[[[]]]]]]]]}",
	  "io.statewall.InvalidRequest", "too deeply" },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	  "io.statewall.InvalidRequest", "too deeply" },
	{ "{\"method\":"
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "\"}",
	  "org.varlink.service.MethodNotFound", "so long a name" },
};

START_TEST(what_is_no_request_is_told_why)
{
	struct control_request request = { 0 };
	json_t *error = NULL;
	const char *says;

	ck_assert_msg(!control_request_read(&request, bad[_i].text,
					    strlen(bad[_i].text), &error),
		      "%s", bad[_i].text);
	ck_assert_ptr_null(request.parameters);
	ck_assert_str_eq(json_string_value(json_object_get(error, "error")),
			 bad[_i].error);
	says = json_string_value(json_object_get(
		json_object_get(error, "parameters"), "message"));
	ck_assert_msg(strstr(says, bad[_i].says), "%s: %s", bad[_i].text, says);
	json_decref(error);
}
END_TEST

static void check_text(json_t *message, const char *expected)
{
	char *text = json_dumps(message, JSON_COMPACT);

	ck_assert_str_eq(text, expected);
	free(text);
	json_decref(message);
}

START_TEST(replies_have_the_shape_of_varlink)
{
	check_text(control_reply(json_object(), false), "{\"parameters\":{}}");
	check_text(control_reply(json_object(), true),
		   "{\"parameters\":{},\"continues\":true}");
	check_text(control_refuse("Busy", "%d of %d", 3, 3),
		   "{\"error\":\"io.statewall.Busy\",\"parameters\":{"
		   "\"message\":\"3 of 3\"}}");
	check_text(control_error(CONTROL_EXPECTED_MORE, json_object()),
		   "{\"error\":\"org.varlink.service.ExpectedMore\","
		   "\"parameters\":{}}");
	ck_assert_ptr_null(control_reply(NULL, false));
	ck_assert_ptr_null(control_error("Busy", NULL));
}
END_TEST

START_TEST(a_text_that_is_not_utf8_is_still_a_text)
{
	check_text(json_pack("[o]", control_text("caf\xc3\xa9")),
		   "[\"caf\xc3\xa9\"]");
	check_text(json_pack("[o]", control_text("caf\xe9")), "[\"caf?\"]");
	check_text(json_pack("[o]", control_text(NULL)), "[null]");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_request_is_understood, 0, COUNT(good));
	tcase_add_loop_test(tc, what_is_no_request_is_told_why, 0, COUNT(bad));
	tcase_add_test(tc, replies_have_the_shape_of_varlink);
	tcase_add_test(tc, a_text_that_is_not_utf8_is_still_a_text);
	return run_tests(tc, "daemon_control_message");
}
