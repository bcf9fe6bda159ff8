/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring, and the line for a packet, in the words of the kernel's own LOG
 * target, so that tools which read that can read this.
 */
#include "daemon/packetlog.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_LEN = 256 /* a power of two */, LINE_LEN = 400 };

struct record {
	struct packet pkt;
	struct judged judged;
};

struct packetlog {
	_Atomic uint32_t written;  /* counts up; the worker's */
	_Atomic uint32_t read;     /* counts up; the main thread's */
	_Atomic uint64_t left_out; /* counts up; the worker's */
	uint64_t left_out_told;    /* the main thread's */
	struct record ring[RING_LEN];
};

struct packetlog *packetlog_create(void)
{
	return calloc(1, sizeof(struct packetlog));
}

void packetlog_destroy(struct packetlog *log)
{
	free(log);
}

void packetlog_put(struct packetlog *log, const struct packet *pkt,
		   const struct judged *judged)
{
	uint32_t written = atomic_load(&log->written);

	if (written - atomic_load(&log->read) == RING_LEN) {
		atomic_fetch_add(&log->left_out, 1);
		return;
	}
	log->ring[written % RING_LEN] = (struct record){ *pkt, *judged };
	atomic_store(&log->written, written + 1);
}

static const char *protocol_name(uint8_t ipproto, char number[8])
{
	switch (ipproto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_ICMP:
		return "ICMP";
	case IPPROTO_ICMPV6:
		return "ICMPv6";
	default:
		(void)snprintf(number, 8, "%u", ipproto);
		return number;
	}
}

/* "SYN ACK": the flags of a TCP segment, each with a space before it. */
static void format_flags(const struct packet *pkt, char text[40])
{
	static const struct {
		uint8_t flag;
		const char *name;
	} names[] = {
		{ TCP_SYN, " SYN" }, { TCP_ACK, " ACK" }, { TCP_FIN, " FIN" },
		{ TCP_RST, " RST" }, { TCP_PSH, " PSH" }, { TCP_URG, " URG" },
	};
	size_t len = 0;

	text[0] = '\0';
	if (pkt->tuple.ipproto != IPPROTO_TCP)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (pkt->tcp.flags & names[i].flag)
			len += (size_t)snprintf(text + len, 40 - len, "%s",
						names[i].name);
}

static void format_ports(const struct packet *pkt, char text[40])
{
	text[0] = '\0';
	if (pkt->has_ports)
		(void)snprintf(text, 40, " SPT=%u DPT=%u", pkt->tuple.sport,
			       pkt->tuple.dport);
}

/*
 * The kernel lets an interface be called almost anything.  Its name must not
 * pass for another word of the line, nor write to the reader's terminal.
 */
static void clean_name(char *name)
{
	for (; *name; name++)
		if (*name <= ' ' || *name > '~')
			*name = '?';
}

static void format_interfaces(const struct packet *pkt, char text[48])
{
	char indev[PACKET_IFNAME_LEN];
	char outdev[PACKET_IFNAME_LEN];

	memcpy(indev, pkt->indev, sizeof(indev));
	memcpy(outdev, pkt->outdev, sizeof(outdev));
	clean_name(indev);
	clean_name(outdev);
	(void)snprintf(text, 48, "IN=%s OUT=%s", indev, outdev);
}

static void format_record(const struct record *record, char line[LINE_LEN])
{
	const struct packet *pkt = &record->pkt;
	const struct verdict *verdict = &record->judged.verdict;
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];
	char interfaces[48];
	char number[8];
	char ports[40];
	char flags[40];

	format_interfaces(pkt, interfaces);
	addr_format(&pkt->tuple.src, src);
	addr_format(&pkt->tuple.dst, dst);
	format_ports(pkt, ports);
	format_flags(pkt, flags);
	(void)snprintf(line, LINE_LEN,
		       "%s rule=%s reason=%s %s SRC=%s DST=%s "
		       "LEN=%u TTL=%u PROTO=%s%s%s",
		       action_names[verdict->action],
		       record->judged.rule[0] ? record->judged.rule : "-",
		       reason_info[verdict->reason].name, interfaces, src, dst,
		       pkt->len, pkt->hop_limit,
		       protocol_name(pkt->tuple.ipproto, number), ports, flags);
}

static void tell_left_out(struct packetlog *log,
			  void (*write)(const char *line))
{
	uint64_t left_out = atomic_load(&log->left_out);
	uint64_t count = left_out - log->left_out_told;
	char line[LINE_LEN];

	if (count == 0)
		return;
	log->left_out_told = left_out;
	(void)snprintf(line, sizeof(line),
		       "left out of the log: %" PRIu64
		       " packet%s, too many at once",
		       count, count == 1 ? "" : "s");
	write(line);
}

void packetlog_drain(struct packetlog *log, void (*write)(const char *line))
{
	uint32_t read = atomic_load(&log->read);
	/* Not what comes meanwhile: it might never end. */
	uint32_t written = atomic_load(&log->written);
	char line[LINE_LEN];

	while (read != written) {
		format_record(&log->ring[read % RING_LEN], line);
		atomic_store(&log->read, ++read);
		write(line);
	}
	tell_left_out(log, write);
}
