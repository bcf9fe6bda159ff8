/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a capture out of a description on standard input, one line a frame:
 *
 *	link 1                          the link type of the file, 1 unless said
 *	start 1700000000                times below count from here
 *	precision nano                  instead of micro
 *	header eth4 0200...01 0800      names octets that stand before packets
 *
 *	0.5 eth4 tcp 10.1.0.2 40000 > 192.0.2.1 80 S seq=1000
 *	0.6 eth4 udp 10.1.0.2 40000 > 192.0.2.1 53 len=20
 *	0.7 eth4 icmp 192.0.2.1 > 10.1.0.2 type=3 code=3 quote=2
 *	0.8 eth4 47 10.1.0.2 > 192.0.2.1 len=8
 *	0.9 arp hex 0001 0800
 *
 * A packet has right lengths and checksums, and then is spoilt by words behind
 * it: "bad" (a wrong checksum), "fragment", "ihl=4", "total=N" (what its length
 * field says), "pad=N" (zeros behind it), "cut=N" (octets captured of the
 * frame), "wire=N" (the length that the capture tells).  "quote=N" makes the
 * packet of the N-th frame the payload.
 *
 *	make_capture LINK
 *
 * leaves out what is described for another link type, so that one description
 * may have all of them.
 *
 *	make_capture --flood COUNT
 *
 * makes a large one: UDP packets of 1000 octets from as many sources.
 */
#include <err.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/packet.h"
#include "unit/build.h"

enum {
	FRAME_MAX = 2048,
	COUNT_MAX = 64, /* frames and headers of one description */
	QUOTE_LEN = 48, /* octets that an ICMP error quotes */
	NAME_LEN = 16,
	WORD_LEN = 64,
	LINE_LEN = 1024,
	START = 1700000000,
	NO_LINK = 65536,
	MAGIC_MICRO = (int)0xa1b2c3d4,
	MAGIC_NANO = (int)0xa1b23c4d,
};

struct octets {
	uint8_t at[FRAME_MAX];
	size_t len;
};

struct header {
	char name[NAME_LEN];
	struct octets octets;
};

struct film {
	uint32_t magic;
	uint32_t link;
	uint32_t wanted; /* the link type to make; NO_LINK: all */
	uint64_t start;
	bool begun; /* the header of the file is written */
	struct header headers[COUNT_MAX];
	size_t header_count;
	struct octets packets[COUNT_MAX];
	size_t packet_count;
	struct octets frame; /* that is being made */
	unsigned int line;
};

/* What is said of one frame. */
struct shot {
	struct build build;
	size_t pad;
	size_t cut;  /* 0: all of it */
	size_t wire; /* 0: the right length */
};

static void put32(uint32_t value)
{
	for (int i = 0; i < 4; i++, value >>= 8)
		putchar((int)(value & 0xff));
}

static void begin(struct film *film)
{
	if (film->begun)
		return;
	film->begun = true;
	put32(film->magic);
	put32(2 | 4 << 16); /* version 2.4 */
	put32(0);
	put32(0);
	put32(65535);
	put32(film->link);
}

static void append(struct octets *to, const void *octets, size_t len)
{
	if (len > sizeof(to->at) - to->len)
		errx(EXIT_FAILURE, "the frame is too long");
	memcpy(to->at + to->len, octets, len);
	to->len += len;
}

/* Ends with an error unless @text is a number to its end. */
static uint32_t parse_number(const struct film *film, const char *text,
			     int base)
{
	char *end;
	unsigned long number = strtoul(text, &end, base);

	if (end == text || *end)
		errx(EXIT_FAILURE, "line %u: \"%s\" is not a number",
		     film->line, text);
	return (uint32_t)number;
}

/* Appends pairs of digits, blanks between them or not. */
static void parse_hex(const struct film *film, const char *text,
		      struct octets *to)
{
	while (*(text += strspn(text, " "))) {
		const char digits[] = { text[0], text[1], '\0' };
		uint8_t octet = (uint8_t)parse_number(film, digits, 16);

		append(to, &octet, sizeof(octet));
		text += strlen(digits);
	}
}

static const struct octets *find_header(const struct film *film,
					const char *name)
{
	for (size_t i = 0; i < film->header_count; i++)
		if (strcmp(film->headers[i].name, name) == 0)
			return &film->headers[i].octets;
	errx(EXIT_FAILURE, "line %u: no header %s", film->line, name);
}

/* "S", "SA", "FA" ...; false: it is something else. */
static bool take_flags(const char *word, uint8_t *flags)
{
	static const char letters[] = "FSRPAU";
	uint8_t found = 0;

	for (; *word; word++) {
		const char *letter = strchr(letters, *word);

		if (!letter)
			return false;
		found |= (uint8_t)(1 << (letter - letters));
	}
	*flags = found;
	return true;
}

static void quote(const struct film *film, struct shot *shot, size_t number)
{
	const struct octets *packet;

	if (number == 0 || number >= film->packet_count)
		errx(EXIT_FAILURE, "line %u: no frame %zu", film->line, number);
	packet = &film->packets[number - 1];
	shot->build.payload = packet->at;
	shot->build.payload_len =
		packet->len < QUOTE_LEN ? packet->len : QUOTE_LEN;
}

static void take_number(const struct film *film, struct shot *shot,
			const char *key, uint32_t value)
{
	struct build *b = &shot->build;

	if (strcmp(key, "seq") == 0)
		b->tcp.seq = value;
	else if (strcmp(key, "ack") == 0)
		b->tcp.ack = value;
	else if (strcmp(key, "len") == 0)
		b->payload_len = value;
	else if (strcmp(key, "type") == 0)
		b->icmp.type = (uint8_t)value;
	else if (strcmp(key, "code") == 0)
		b->icmp.code = (uint8_t)value;
	else if (strcmp(key, "rest") == 0)
		b->icmp.rest = value;
	else if (strcmp(key, "quote") == 0)
		quote(film, shot, value);
	else if (strcmp(key, "ihl") == 0)
		b->ip.ihl = (int)value;
	else if (strcmp(key, "total") == 0)
		b->ip.len = (int)value;
	else if (strcmp(key, "pad") == 0)
		shot->pad = value;
	else if (strcmp(key, "cut") == 0)
		shot->cut = value;
	else if (strcmp(key, "wire") == 0)
		shot->wire = value;
	else
		errx(EXIT_FAILURE, "line %u: what is %s?", film->line, key);
}

static void take_word(const struct film *film, struct shot *shot, char *word)
{
	char *value = strchr(word, '=');

	if (value) {
		*value++ = '\0';
		take_number(film, shot, word, parse_number(film, value, 10));
	} else if (strcmp(word, "bad") == 0) {
		shot->build.bad_checksum = true;
	} else if (strcmp(word, "fragment") == 0) {
		shot->build.ip.fragment = 0x2000;
	} else if (!take_flags(word, &shot->build.tcp.flags)) {
		errx(EXIT_FAILURE, "line %u: what is %s?", film->line, word);
	}
}

static uint8_t parse_protocol(const struct film *film, const char *word)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = {
		{ "tcp", IPPROTO_TCP },
		{ "udp", IPPROTO_UDP },
		{ "icmp", IPPROTO_ICMP },
		{ "icmpv6", IPPROTO_ICMPV6 },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, word) == 0)
			return names[i].number;
	return (uint8_t)parse_number(film, word, 10);
}

/* The next word of the line. */
static char *next(const struct film *film, char **rest)
{
	char *word = strtok_r(NULL, " ", rest);

	if (!word)
		errx(EXIT_FAILURE, "line %u: not a packet", film->line);
	return word;
}

/* "tcp 10.1.0.2 40000 > 192.0.2.1 80 WORDS", or without ports. */
static void parse_packet(const struct film *film, struct shot *shot, char *text)
{
	struct build *b = &shot->build;
	char *rest = NULL;
	char *word = strtok_r(text, " ", &rest);
	bool has_ports;

	b->tcp.window = UINT16_MAX;
	b->ip.ipproto = parse_protocol(film, word ? word : "");
	b->ip.src = next(film, &rest);
	b->ip.version = strchr(b->ip.src, ':') ? 6 : 4;
	word = next(film, &rest);
	has_ports = strcmp(word, ">") != 0;
	if (has_ports) {
		b->sport = (uint16_t)parse_number(film, word, 10);
		(void)next(film, &rest);
	}
	b->ip.dst = next(film, &rest);
	if (has_ports)
		b->dport = (uint16_t)parse_number(film, next(film, &rest), 10);
	while ((word = strtok_r(NULL, " ", &rest)))
		take_word(film, shot, word);
}

static struct octets *next_packet(struct film *film)
{
	if (film->packet_count == COUNT_MAX)
		errx(EXIT_FAILURE, "these are too many frames");
	return &film->packets[film->packet_count++];
}

/* "0.5" or "0:500000": seconds, and digits or units of the fraction. */
static void put_time(const struct film *film, const char *time)
{
	uint32_t unit =
		film->magic == (uint32_t)MAGIC_NANO ? 100000000 : 100000;
	uint32_t fraction = 0;
	char *end;

	put32((uint32_t)(film->start + strtoul(time, &end, 10)));
	if (*end == '.')
		for (end++; *end; end++, unit /= 10)
			fraction += (uint32_t)(*end - '0') * unit;
	else if (*end == ':')
		fraction = (uint32_t)strtoul(end + 1, NULL, 10);
	put32(fraction);
}

static void put_frame(const struct shot *shot, const struct octets *frame)
{
	size_t captured = shot->cut ? shot->cut : frame->len;

	put32((uint32_t)captured);
	put32((uint32_t)(shot->wire ? shot->wire : frame->len));
	(void)fwrite(frame->at, 1, captured, stdout);
}

static void shoot(struct film *film, const char *time, const char *header,
		  char *text)
{
	static const uint8_t zeros[FRAME_MAX];
	struct shot shot = { 0 };
	struct octets *packet = next_packet(film);

	film->frame = *find_header(film, header);
	if (strncmp(text, "hex", 3) == 0) {
		parse_hex(film, text + 3, packet);
	} else {
		parse_packet(film, &shot, text);
		packet->len = build_packet(&shot.build, packet->at,
					   sizeof(packet->at));
	}
	append(&film->frame, packet->at, packet->len);
	append(&film->frame, zeros, shot.pad);
	begin(film);
	put_time(film, time);
	put_frame(&shot, &film->frame);
}

static void define_header(struct film *film, const char *text)
{
	struct header *header = &film->headers[film->header_count];
	int end = 0;

	if (film->header_count == COUNT_MAX ||
	    sscanf(text, "%15s%n", header->name, &end) != 1)
		errx(EXIT_FAILURE, "line %u: not a header", film->line);
	parse_hex(film, text + end, &header->octets);
	film->header_count++;
}

static void take_line(struct film *film, char *line)
{
	char first[WORD_LEN];
	char header[NAME_LEN];
	int end = 0;

	line[strcspn(line, "#\n")] = '\0';
	if (sscanf(line, "%63s %n", first, &end) != 1)
		return;
	if (strcmp(first, "link") == 0)
		film->link = (uint32_t)strtoul(line + end, NULL, 10);
	else if (strcmp(first, "start") == 0)
		film->start = strtoull(line + end, NULL, 10);
	else if (strcmp(first, "precision") == 0)
		film->magic = (uint32_t)MAGIC_NANO;
	else if (strcmp(first, "header") == 0)
		define_header(film, line + end);
	else if (film->wanted != NO_LINK && film->wanted != film->link)
		return;
	else if (sscanf(line, "%63s %15s %n", first, header, &end) == 2)
		shoot(film, first, header, line + end);
}

static void flood(struct film *film, unsigned long count)
{
	struct octets *packet = &film->frame;
	char src[WORD_LEN];
	struct shot shot = {
		.build = { .ip = { .version = 4,
				   .src = src,
				   .dst = "192.0.2.1",
				   .ipproto = IPPROTO_UDP },
			   .sport = 40000,
			   .dport = 53,
			   .payload_len = 1000 },
	};

	film->link = 101;
	begin(film);
	for (unsigned long i = 0; i < count; i++) {
		(void)snprintf(src, sizeof(src), "10.1.%lu.%lu", i / 250 % 256,
			       i % 250 + 1);
		packet->len = build_packet(&shot.build, packet->at,
					   sizeof(packet->at));
		put32(START + (uint32_t)(i / 100000));
		put32((uint32_t)(i % 100000) * 10);
		put_frame(&shot, packet);
	}
}

int main(int argc, char *argv[])
{
	static struct film film = { .magic = (uint32_t)MAGIC_MICRO,
				    .link = 1,
				    .wanted = NO_LINK,
				    .start = START };
	char line[LINE_LEN];

	if (argc == 3 && strcmp(argv[1], "--flood") == 0) {
		flood(&film, strtoul(argv[2], NULL, 10));
	} else {
		if (argc == 2)
			film.wanted = (uint32_t)strtoul(argv[1], NULL, 10);
		while (fgets(line, sizeof(line), stdin)) {
			film.line++;
			take_line(&film, line);
		}
		begin(&film);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		err(EXIT_FAILURE, "standard output");
	return EXIT_SUCCESS;
}
