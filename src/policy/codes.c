/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of faults, which statewall-errors(7) repeats.
 *
 * A code is never given another meaning, and a kind of fault that is no more
 * leaves a gap.
 */
#include "policy/codes.h"

#include <stdbool.h>
#include <string.h>

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_NOTE] = "note",
};

const struct code_info code_info[CODE_COUNT] = {
	[CODE_NO_MEMORY] = {
		"E001", SEVERITY_ERROR,
		"Memory ran out while the configuration was read.",
		"Make room, or make the configuration and its tables smaller.",
	},
	[CODE_UNREADABLE] = {
		"E002", SEVERITY_ERROR,
		"The configuration file cannot be read, for the reason that "
		"is given.",
		"Give the path of a regular file of at most 16 MiB that "
		"whoever runs the program may read.",
	},
	[CODE_OPEN_TO_OTHERS] = {
		"E003", SEVERITY_ERROR,
		"Others than the owner of a file, or of its directory, can "
		"write to it. They would decide what root does, so root does "
		"not read it.",
		"Take that away with chmod go-w, or give it to another group "
		"with chown.",
	},
	[CODE_NO_PROCESS] = {
		"E004", SEVERITY_ERROR,
		"The process that reads the configuration for the daemon "
		"could not be started, or died.",
		"Try it with statewall check: it does the same in the "
		"foreground. Please report what makes it die.",
	},
	[CODE_NOT_TEXT] = {
		"E010", SEVERITY_ERROR,
		"The file is not plain UTF-8 text: it has control characters,"
		" NUL bytes or a byte order mark, or is UTF-16.",
		"Save it as UTF-8 without a byte order mark, and remove what "
		"no editor shows.",
	},
	[CODE_COMMENT_END] = {
		"E011", SEVERITY_ERROR,
		"A comment has no end, or an end without a beginning. "
		"Comments of this kind go up to the first end and do not "
		"contain each other.",
		"Write \"*/\" behind the comment, or begin each of its lines "
		"with \"#\".",
	},
	[CODE_STRING_END] = {
		"E012", SEVERITY_ERROR,
		"A string is not closed in the line in which it begins.",
		"Write the second quote.",
	},
	[CODE_STRING_CONTROL] = {
		"E013", SEVERITY_ERROR,
		"A string has an escape such as \"\\n\", or a control "
		"character.",
		"Write plain text: no setting needs them.",
	},
	[CODE_SYNTAX] = {
		"E014", SEVERITY_ERROR,
		"The parser does not understand the text, for a reason that "
		"was not foreseen.",
		"Look at the line and the one before it. Please report what "
		"it was.",
	},
	[CODE_BRACKET_NOT_CLOSED] = {
		"E020", SEVERITY_ERROR,
		"A bracket is open at the end of the file. Where it opens is "
		"shown.",
		"Write its counterpart.",
	},
	[CODE_BRACKET_OTHER] = {
		"E021", SEVERITY_ERROR,
		"A bracket closes one of another kind.",
		"Write the kind that is open, or the one that is missing "
		"before it.",
	},
	[CODE_BRACKET_EXTRA] = {
		"E022", SEVERITY_ERROR,
		"A bracket closes where none is open.",
		"Remove it.",
	},
	[CODE_BRACKET_MISSING] = {
		"E023", SEVERITY_ERROR,
		"Settings stand in a list without the { } that makes a group "
		"of them.",
		"Write { before the first of them and } behind the last.",
	},
	[CODE_BRACKET_KIND] = {
		"E024", SEVERITY_ERROR,
		"Groups and lists stand in [ ], which is for plain values.",
		"Use ( ) around them.",
	},
	[CODE_NESTING] = {
		"E025", SEVERITY_ERROR,
		"Brackets are nested more deeply than any setting needs.",
		"Look for brackets that are not closed.",
	},
	[CODE_EQUALS] = {
		"E030", SEVERITY_ERROR,
		"An equals sign is missing, or there is one too many.",
		"Write NAME = VALUE.",
	},
	[CODE_NAME_MISSING] = {
		"E031", SEVERITY_ERROR,
		"A value stands where a setting should begin.",
		"Write NAME = before it, or put it into the list that it "
		"belongs to.",
	},
	[CODE_VALUE_MISSING] = {
		"E032", SEVERITY_ERROR,
		"A setting or an item of a list has no value.",
		"Write one, or remove the setting.",
	},
	[CODE_COMMA_MISSING] = {
		"E033", SEVERITY_ERROR,
		"Two values of a list have no comma between them.",
		"Write the comma.",
	},
	[CODE_COMMA_EXTRA] = {
		"E034", SEVERITY_ERROR,
		"A comma stands behind the last value of a list.",
		"Remove it.",
	},
	[CODE_SEMICOLON] = {
		"E035", SEVERITY_ERROR,
		"A semicolon stands between the values of a list.",
		"Write commas between values, and semicolons behind settings.",
	},
	[CODE_NAME_FORM] = {
		"E036", SEVERITY_ERROR,
		"A name is in quotes, or has characters that no name has.",
		"Write it without quotes. Names begin with a letter and go on"
		" with letters, digits, \"-\" and \"_\".",
	},
	[CODE_STRING_EXTRA] = {
		"E037", SEVERITY_ERROR,
		"A string follows another one. They are not glued together.",
		"Write one string, or several in [ ] with commas between "
		"them.",
	},
	[CODE_NUMBER_FORM] = {
		"E040", SEVERITY_ERROR,
		"A number is too large, has a fraction, or begins with zeros,"
		" which some programs take for octal.",
		"Write a whole number from -2147483648 to 2147483647.",
	},
	[CODE_NO_QUOTES] = {
		"E041", SEVERITY_ERROR,
		"A word or an address is not in double quotes.",
		"Write it in double quotes.",
	},
	[CODE_BOOLEAN] = {
		"E042", SEVERITY_ERROR,
		"A word such as yes stands where true or false is meant.",
		"Write true or false, without quotes.",
	},
	[CODE_INCLUDE_FORM] = {
		"E050", SEVERITY_ERROR,
		"An include is not written as it must be.",
		"Write include = [ \"conf.d/*.conf\" ]; outside of all "
		"groups, or @include \"FILE\" on a line of its own.",
	},
	[CODE_INCLUDE] = {
		"E051", SEVERITY_ERROR,
		"A file that is included cannot be read, includes itself, or "
		"the files are too many or too large together.",
		"Paths are relative to the file that includes. The reason is "
		"given.",
	},
	[CODE_GROUP_FULL] = {
		"E052", SEVERITY_ERROR,
		"One group has more settings than are read.",
		"Put addresses into files of tables, not into settings.",
	},
	[CODE_UNKNOWN_KEY] = {
		"E101", SEVERITY_ERROR,
		"A key is not known at this place. A key that was passed over"
		" would be a hole in the firewall.",
		"Write it as statewall.conf(5) does. What is like it is "
		"named.",
	},
	[CODE_TYPE] = {
		"E102", SEVERITY_ERROR,
		"A value is of another kind than the key takes.",
		"Write what is said to be wanted.",
	},
	[CODE_GIVEN_BEFORE] = {
		"E103", SEVERITY_ERROR,
		"A setting is given twice, in one file or in two.",
		"Remove one of them.",
	},
	[CODE_VERSION] = {
		"E104", SEVERITY_ERROR,
		"The version of the format is missing, or is one that this "
		"program does not read.",
		"Begin the file with version = 1;",
	},
	[CODE_KEY_MISSING] = {
		"E105", SEVERITY_ERROR,
		"A group lacks a key that it must have.",
		"Add the key.",
	},
	[CODE_EMPTY] = {
		"E106", SEVERITY_ERROR,
		"A value, or one between two commas, is empty. It would match"
		" nothing, or everything.",
		"Write a value, or leave the key out to match everything.",
	},
	[CODE_KEY_USELESS] = {
		"E107", SEVERITY_ERROR,
		"A key means nothing together with the others of its group.",
		"Leave it out, or write the key that gives it a meaning.",
	},
	[CODE_UNIT_MISSING] = {
		"E110", SEVERITY_ERROR,
		"A duration has no unit, so that nobody knows whether seconds"
		" or milliseconds are meant.",
		"Write \"30s\" or \"30ms\"; units are w d h m s ms.",
	},
	[CODE_DURATION] = {
		"E111", SEVERITY_ERROR,
		"A value is not a duration.",
		"Write \"30s\", \"5m\" or \"1h30m\"; units are w d h m s ms.",
	},
	[CODE_OUT_OF_RANGE] = {
		"E112", SEVERITY_ERROR,
		"A number, duration or size is smaller or larger than it can "
		"be.",
		"Write one within the bounds that are given.",
	},
	[CODE_RATE] = {
		"E113", SEVERITY_ERROR,
		"A value is not a rate.",
		"Write an amount and a time, as in \"10/1m\" or \"1MiB/s\".",
	},
	[CODE_DATE] = {
		"E114", SEVERITY_ERROR,
		"A value is not a date, or not a range of hours.",
		"Write it as ISO 8601 does: \"2027-01-31\", "
		"\"2027-01-31T18:00\" or \"08:00-20:00\".",
	},
	[CODE_UNKNOWN_WORD] = {
		"E115", SEVERITY_ERROR,
		"A value is none of the words that its key knows.",
		"Write one of those that are named.",
	},
	[CODE_QUEUES] = {
		"E116", SEVERITY_ERROR,
		"The numbers of queues are not a number or a range.",
		"Write queues = \"0-3\";",
	},
	[CODE_TOO_LONG] = {
		"E117", SEVERITY_ERROR,
		"A text is longer than is kept.",
		"Shorten it.",
	},
	[CODE_SCOPE] = {
		"E118", SEVERITY_ERROR,
		"A limit does not say what it counts by in a way that is "
		"understood.",
		"Write per = \"rule\", \"source\" or \"destination\", with "
		"prefixes if need be: \"source/24,source/56\".",
	},
	[CODE_MARK] = {
		"E119", SEVERITY_ERROR,
		"A mark cannot be set: it is not understood, or it has bits "
		"of redirect.marks, in which verdicts are handed to the "
		"kernel.",
		"Write set_mark = \"0x10/0xff\": a mark and the bits that it "
		"may change.",
	},
	[CODE_UNKNOWN_TABLE] = {
		"E120", SEVERITY_ERROR,
		"A table is named that is not defined.",
		"Define it in the section tables, or correct the name. Tables"
		" are written \"<NAME>\".",
	},
	[CODE_UNKNOWN_ZONE] = {
		"E121", SEVERITY_ERROR,
		"A zone is named that is not defined.",
		"Define it in the section zones, or correct the name; \"any\""
		" and \"self\" are built in.",
	},
	[CODE_SERVICE] = {
		"E122", SEVERITY_ERROR,
		"A service is neither one of the section services nor one of "
		"/etc/services, or is not written as one.",
		"Write \"tcp/80\", a name of /etc/services, or one that the "
		"section services defines.",
	},
	[CODE_PROTOCOL] = {
		"E123", SEVERITY_ERROR,
		"A value is not a protocol, or not one that can stand here.",
		"Write a name of /etc/protocols or a number.",
	},
	[CODE_PORT] = {
		"E124", SEVERITY_ERROR,
		"A value is not a port or a range of ports, or cannot stand "
		"here.",
		"Write 80, \"80,443\", \"8000-8010\" or a name of "
		"/etc/services.",
	},
	[CODE_ADDRESS] = {
		"E125", SEVERITY_ERROR,
		"A value is not an address, network or range.",
		"Write \"192.0.2.1\", \"10.0.0.0/8\", \"192.0.2.1-192.0.2.9\""
		" or \"2001:db8::/32\".",
	},
	[CODE_ICMP_TYPE] = {
		"E126", SEVERITY_ERROR,
		"A value is not a type of ICMP.",
		"Write a name such as \"echo-request\", a type such as 3, or "
		"type and code, \"3/4\".",
	},
	[CODE_INTERFACE] = {
		"E127", SEVERITY_ERROR,
		"A value cannot be the name of an interface.",
		"Write its name, of at most 15 characters, or the beginning "
		"of several with a \"*\" behind it.",
	},
	[CODE_OWNER] = {
		"E128", SEVERITY_ERROR,
		"A user or group does not exist on this machine.",
		"Write one that getent passwd or getent group lists, or a "
		"number.",
	},
	[CODE_CONDITION] = {
		"E129", SEVERITY_ERROR,
		"The value of a condition is not understood.",
		"Write it as statewall.conf(5) does.",
	},
	[CODE_NAME_USED] = {
		"E130", SEVERITY_ERROR,
		"A name is taken: by another rule, or by what is built in. "
		"Counters and logs could not tell them apart.",
		"Choose another name.",
	},
	[CODE_NAME] = {
		"E131", SEVERITY_ERROR,
		"A name has characters that no name has, or is too long.",
		"Use up to 48 letters, digits, \"-\" and \"_\".",
	},
	[CODE_CONTRADICTION] = {
		"E140", SEVERITY_ERROR,
		"The conditions of a rule can never hold together, so that it"
		" does nothing, which its author does not know.",
		"Write two rules, or remove one of the conditions.",
	},
	[CODE_COMBINATION] = {
		"E141", SEVERITY_ERROR,
		"Options of a rule do not go together.",
		"Leave out what is named, or write two rules.",
	},
	[CODE_TABLE_FILE] = {
		"E150", SEVERITY_ERROR,
		"The file of a table cannot be read.",
		"Paths are relative to the file that names it. The reason is "
		"given.",
	},
	[CODE_TABLE_LINE] = {
		"E151", SEVERITY_ERROR,
		"A line of a table with strict = true is not understood.",
		"Correct the line; without strict it would be left out.",
	},
	[CODE_TABLE_COUNT] = {
		"E152", SEVERITY_ERROR,
		"A table has fewer entries than min_entries or more than "
		"max_entries. Perhaps the file was cut, or is another one.",
		"Complete the file, or change the bound.",
	},
	[CODE_TABLE_ROOM] = {
		"E153", SEVERITY_ERROR,
		"The dynamic tables could grow larger together than memory is"
		" reserved for.",
		"Lower max_entries of some.",
	},
	[CODE_PACKET] = {
		"E160", SEVERITY_ERROR,
		"The packet of a test is not understood.",
		"Write it as statewall(8) does, in the section PACKETS.",
	},
	[CODE_TEST_FAILED] = {
		"E161", SEVERITY_ERROR,
		"A test of the policy fails: something else becomes of its "
		"packet than it expects.",
		"Correct the policy, or the test if it is no longer right; "
		"statewall explain says what becomes of a packet and why.",
	},
	[CODE_NEVER_MATCHES] = {
		"W201", SEVERITY_WARNING,
		"A rule can never match, since an earlier one decides all "
		"that it asks for.",
		"Remove it, or move it before the other.",
	},
	[CODE_EXPIRES_SOON] = {
		"W210", SEVERITY_WARNING,
		"A rule ends within a week, and is out of force then.",
		"Change its date, if it is still needed.",
	},
	[CODE_EXPIRED] = {
		"W211", SEVERITY_WARNING,
		"The date of a rule is over: it is out of force.",
		"Remove it, or change its date.",
	},
	[CODE_UNUSED_TABLE] = {
		"W220", SEVERITY_WARNING,
		"A table is defined, and nothing asks for it.",
		"Write a rule with \"<NAME>\", set block = true, or remove "
		"the table.",
	},
	[CODE_UNUSED_ZONE] = {
		"W221", SEVERITY_WARNING,
		"A zone is defined, and no rule names it.",
		"Write rules for it, or remove it.",
	},
	[CODE_UNUSED_SERVICE] = {
		"W222", SEVERITY_WARNING,
		"A service is defined, and no rule names it.",
		"Remove it, or name it in a rule.",
	},
	[CODE_FILE_WRITABLE] = {
		"W230", SEVERITY_WARNING,
		"Others than its owner can write to a file. Root would not "
		"read it.",
		"Take that away with chmod go-w.",
	},
	[CODE_DIRECTORY_WRITABLE] = {
		"W231", SEVERITY_WARNING,
		"Others than its owner can write to the directory of a file, "
		"and so put another one in its place. Root would not read it.",
		"Take that away with chmod go-w.",
	},
	[CODE_NOT_ANSWERED] = {
		"W240", SEVERITY_WARNING,
		"What reject refuses is answered by the kernel, if "
		"statewall redirect has handed it over. Without the section "
		"redirect nobody knows whether it does; from iptables rules "
		"of your own, reject is a silent drop.",
		"Write redirect = { }; and let statewall redirect apply hand "
		"over the packets, or write \"drop\".",
	},
	[CODE_SHORT_TIMEOUT] = {
		"W241", SEVERITY_WARNING,
		"A timeout is shorter than a standard asks for. Connections "
		"break that are still in use.",
		"Make it longer, unless the table of connections is too small"
		" for that.",
	},
	[CODE_FAILS_OPEN] = {
		"W242", SEVERITY_WARNING,
		"With redirect.on_failure = \"open\", everything passes "
		"while the daemon is away.",
		"Write \"rescue\": established connections and the "
		"administrators' SSH pass then, and nothing else.",
	},
	[CODE_LINE_LEFT_OUT] = {
		"W250", SEVERITY_WARNING,
		"A line of a table is not understood and is left out.",
		"Correct the line. With strict = true it would be an error.",
	},
	[CODE_NO_EFFECT] = {
		"W260", SEVERITY_WARNING,
		"A setting does nothing where it stands, or not what it says.",
		"Leave it out, or write what it needs as well.",
	},
	[CODE_NOT_COMPARED] = {
		"N302", SEVERITY_NOTE,
		"There are too many rules to compare each with all before it,"
		" so that some which can never match may not be named.",
		"Nothing need be done. Tables instead of rules are faster, "
		"too.",
	},
};

static bool is_same(const char *id, const char *word)
{
	/* The letter may be small. */
	return (id[0] == word[0] || id[0] + 'a' - 'A' == word[0]) &&
	       strcmp(id + 1, word + 1) == 0;
}

enum code code_find(const char *id)
{
	unsigned int i = 0;

	while (i < CODE_COUNT && (*id == '\0' || !is_same(code_info[i].id, id)))
		i++;
	return (enum code)i;
}
