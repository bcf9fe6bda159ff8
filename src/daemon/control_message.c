/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and replies, by jansson.
 */
#include "daemon/control_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_LEN = 1024 };

json_t *control_reply(json_t *parameters, bool continues)
{
	if (!parameters)
		return NULL;
	if (continues)
		return json_pack("{s:o, s:b}", "parameters", parameters,
				 "continues", 1);
	return json_pack("{s:o}", "parameters", parameters);
}

json_t *control_error(const char *name, json_t *parameters)
{
	char full[2 * CONTROL_NAME_LEN];

	if (!parameters)
		return NULL;
	(void)snprintf(full, sizeof(full), "%s%s",
		       strchr(name, '.') ? "" : CONTROL_INTERFACE, name);
	return json_pack("{s:s, s:o}", "error", full, "parameters", parameters);
}

json_t *control_text(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	char *copy;

	if (string)
		return string;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

json_t *control_refuse(const char *name, const char *format, ...)
{
	char sentence[SENTENCE_LEN];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return control_error(name, json_pack("{s:o}", "message",
					     control_text(sentence)));
}

/* jansson calls itself for what is nested; who asks shall not say how often. */
static bool is_too_deep(const char *text, size_t len)
{
	bool is_quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!is_quoted && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > CONTROL_DEPTH_MAX)
			return true;
	}
	return false;
}

static bool is_boolean_or_none(const json_t *value)
{
	return !value || json_is_boolean(value);
}

/* NULL: it is what it should be. */
static json_t *find_fault(const json_t *root)
{
	const json_t *method = json_object_get(root, "method");
	const json_t *parameters = json_object_get(root, "parameters");

	if (!json_is_string(method))
		return control_refuse(
			"InvalidRequest",
			"\"method\" is missing: write {\"method\":"
			"\"" CONTROL_INTERFACE "Status\"}");
	if (json_string_length(method) >= CONTROL_NAME_LEN)
		return control_refuse(CONTROL_METHOD_NOT_FOUND,
				      "no method has so long a name");
	if (parameters && !json_is_object(parameters))
		return control_refuse("InvalidRequest",
				      "\"parameters\" must be an object");
	if (!is_boolean_or_none(json_object_get(root, "more")) ||
	    !is_boolean_or_none(json_object_get(root, "oneway")))
		return control_refuse("InvalidRequest",
				      "\"more\" and \"oneway\" are true or "
				      "false");
	return NULL;
}

/* Members that we do not know are for later versions: they are passed over. */
static bool take_request(struct control_request *request, json_t *root,
			 json_t **error)
{
	json_t *parameters = json_object_get(root, "parameters");

	*error = find_fault(root);
	if (*error)
		return false;
	parameters = parameters ? json_incref(parameters) : json_object();
	if (!parameters)
		return false;
	*request = (struct control_request){
		.parameters = parameters,
		.more = json_is_true(json_object_get(root, "more")),
		.oneway = json_is_true(json_object_get(root, "oneway")),
	};
	(void)snprintf(request->method, sizeof(request->method), "%s",
		       json_string_value(json_object_get(root, "method")));
	return true;
}

bool control_request_read(struct control_request *request, const char *text,
			  size_t len, json_t **error)
{
	json_error_t fault;
	json_t *root;
	bool ok;

	if (is_too_deep(text, len)) {
		*error = control_refuse("InvalidRequest",
					"the request is nested too deeply");
		return false;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
	if (!json_is_object(root)) {
		*error = root ? control_refuse("InvalidRequest",
					       "a request is an object")
			      : control_refuse("InvalidRequest",
					       "not JSON: column %d: %s",
					       fault.column, fault.text);
		json_decref(root);
		return false;
	}
	ok = take_request(request, root, error);
	json_decref(root);
	return ok;
}

void control_request_fini(struct control_request *request)
{
	json_decref(request->parameters);
	request->parameters = NULL;
}
