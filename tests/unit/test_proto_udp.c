/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP: its header, and what is called unreplied, replied and a stream.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

static struct build datagram(size_t len)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.payload_len = len;
	return b;
}

static const uint8_t families[] = { 4, 6 };

START_TEST(ports_are_read)
{
	struct build b = frame_draft(families[_i], IPPROTO_UDP);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 40000);
	ck_assert_uint_eq(pkt.tuple.dport, 80);
}
END_TEST

/* The length field; the datagram has 8 + 10 octets. */
static const struct {
	const char *what;
	int udp_len;
	enum reason reason;
} lengths[] = {
	{ "right", 18, REASON_NONE },
	{ "octets behind the datagram", 17, REASON_NONE },
	{ "the header alone", 8, REASON_NONE },
	{ "less than the header", 7, REASON_BAD_HEADER },
	{ "zero", BUILD_ZERO, REASON_BAD_HEADER },
	{ "one more than there is", 19, REASON_BAD_HEADER },
	{ "most that can be said", 65535, REASON_BAD_HEADER },
};

START_TEST(the_length_lies_within_the_packet)
{
	struct build b = datagram(10);
	struct frame frame;
	struct packet pkt;
	enum reason reason;

	b.udp_len = lengths[_i].udp_len;
	frame = frame_build(&b);
	frame.meta.verify_checksum = false;
	reason = frame_parse(&frame, &pkt);
	ck_assert_msg(reason == lengths[_i].reason, "%s: %s", lengths[_i].what,
		      reason_info[reason].name);
}
END_TEST

/* The checksum ends where the datagram does. */
START_TEST(octets_behind_the_datagram_are_not_under_its_checksum)
{
	struct build b = datagram(10);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	/* Six octets more in the IP packet: 38 of them, then 44. */
	frame.octets[3] += 6;
	frame.octets[11] -= 6;
	for (int i = 0; i < 6; i++)
		frame.octets[frame.len++] = 0x99;
	frame.meta.len += 6;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
}
END_TEST

/* A super-packet of more than 64 KiB says 0, as RFC 2675 has it. */
START_TEST(a_super_packet_is_longer_than_its_field)
{
	struct build b = frame_draft(6, IPPROTO_UDP);
	struct frame frame;
	struct packet pkt;

	b.ip.len = BUILD_ZERO;
	b.udp_len = BUILD_ZERO;
	frame = frame_build(&b);
	frame.meta.gso = true;
	frame.meta.len = 100000;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.len, 100000);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	bool verify;
	int checksum;
	uint8_t unusual;
} unsummed[] = {
	{ "IPv4 allows none", 4, true, BUILD_ZERO, 0 },
	{ "IPv6 wants one, unless it is a tunnel's", 6, true, BUILD_ZERO,
	  PACKET_NO_CHECKSUM },
	{ "whoever verified", 6, false, BUILD_ZERO, PACKET_NO_CHECKSUM },
	{ "what has one is as usual", 6, true, 0, 0 },
};

START_TEST(no_checksum_is_a_matter_of_the_family)
{
	struct build b = frame_draft(unsummed[_i].version, IPPROTO_UDP);
	struct frame frame;
	struct packet pkt;

	b.checksum = unsummed[_i].checksum;
	frame = frame_build(&b);
	frame.meta.verify_checksum = unsummed[_i].verify;
	ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE &&
			      pkt.unusual == unsummed[_i].unusual,
		      "%s: %#x", unsummed[_i].what, pkt.unusual);
}
END_TEST

START_TEST(a_source_may_have_no_port_and_a_destination_not)
{
	struct build b = datagram(1);
	struct packet pkt;

	b.sport = 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	b.sport = 1;
	b.dport = 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_PORT_ZERO);
}
END_TEST

START_TEST(a_cut_header_is_told_from_a_cut_copy)
{
	struct build b = datagram(0);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (frame.len = 20; frame.len < 28; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	b.ip.len = 27;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

/*
 * What is said: '>' by the first speaker, '<' by the other one, '.' a second
 * passes.
 */
static const struct {
	const char *what;
	const char *said;
	const char *state;
	enum timeout timeout;
} talks[] = {
	/* clang-format off */
	{ "a question", ">", "unreplied", TIMEOUT_UDP_UNREPLIED },
	{ "asked again", ">>>", "unreplied", TIMEOUT_UDP_UNREPLIED },
	{ "asked again, for long", ">....>....>", "unreplied",
	  TIMEOUT_UDP_UNREPLIED },
	{ "question and answer", "><", "replied", TIMEOUT_UDP_REPLIED },
	{ "a late answer", ">...<", "replied", TIMEOUT_UDP_REPLIED },
	{ "many within a second", "><><><", "replied", TIMEOUT_UDP_REPLIED },
	{ "still within 2 s", "><.>", "replied", TIMEOUT_UDP_REPLIED },
	{ "2 s later the asker", "><..>", "stream", TIMEOUT_UDP_STREAM },
	{ "2 s later the answerer", "><..<", "stream", TIMEOUT_UDP_STREAM },
	{ "a stream stays one", "><..<>.<", "stream", TIMEOUT_UDP_STREAM },
	/* clang-format on */
};

static struct verdict say(struct rig *rig, const struct build *to,
			  const struct build *back, const char *said)
{
	struct verdict verdict = { 0 };

	for (; *said; said++) {
		if (*said == '.')
			rig->now += 1000;
		else
			verdict = rig_send(rig, *said == '>' ? to : back);
	}
	return verdict;
}

START_TEST(both_ends_make_a_stream)
{
	struct build to = datagram(10);
	struct build back = datagram(20);
	struct conn_info conn;
	struct verdict verdict;
	struct rig rig;

	back.ip.src = to.ip.dst;
	back.ip.dst = to.ip.src;
	back.sport = to.dport;
	back.dport = to.sport;
	rig_start(&rig, 64);
	verdict = say(&rig, &to, &back, talks[_i].said);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert(rig_find(&rig, verdict.conn.id, &conn));
	ck_assert_msg(strcmp(conn.state, talks[_i].state) == 0, "%s: %s",
		      talks[_i].what, conn.state);
	ck_assert_msg(conn.expires - rig.now ==
			      timeout_info[talks[_i].timeout].value,
		      "%s: %lld ms", talks[_i].what,
		      (long long)(conn.expires - rig.now));
	rig_stop(&rig);
}
END_TEST

/* An answer comes from where the question went, and from nowhere else. */
START_TEST(an_answer_from_another_port_opens_its_own)
{
	struct build to = datagram(1);
	struct build back = datagram(1);
	struct rig rig;
	uint64_t first;

	back.ip.src = to.ip.dst;
	back.ip.dst = to.ip.src;
	back.sport = 81;
	back.dport = to.sport;
	rig_start(&rig, 64);
	first = rig_send(&rig, &to).conn.id;
	ck_assert_uint_ne(rig_send(&rig, &back).conn.id, first);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_udp");

	tcase_add_loop_test(tc, ports_are_read, 0, COUNT(families));
	tcase_add_loop_test(tc, the_length_lies_within_the_packet, 0,
			    COUNT(lengths));
	tcase_add_test(tc,
		       octets_behind_the_datagram_are_not_under_its_checksum);
	tcase_add_test(tc, a_super_packet_is_longer_than_its_field);
	tcase_add_loop_test(tc, no_checksum_is_a_matter_of_the_family, 0,
			    COUNT(unsummed));
	tcase_add_test(tc, a_source_may_have_no_port_and_a_destination_not);
	tcase_add_test(tc, a_cut_header_is_told_from_a_cut_copy);
	tcase_add_loop_test(tc, both_ends_make_a_stream, 0, COUNT(talks));
	tcase_add_test(tc, an_answer_from_another_port_opens_its_own);
	return run_tests(tc, "proto_udp");
}
