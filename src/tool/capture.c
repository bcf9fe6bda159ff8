/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures, by libpcap.
 *
 * Nothing in a capture is taken for granted: times may be any number, and a
 * frame may claim to have been shorter on the wire than in the file.
 */
#include "tool/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/link.h"

enum { NSEC = 1000000000 };

struct capture {
	pcap_t *pcap;
	const struct link_type *link_type;
	uint64_t count; /* of frames read */
	char problem[CAPTURE_PROBLEM_LEN];
};

static FILE *open_file(const char *path)
{
	return strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
}

static void close_file(FILE *file)
{
	if (file != stdin)
		(void)fclose(file);
}

/* What libpcap says of a file whose beginning it does not understand. */
static void explain_open(const char *text, char problem[CAPTURE_PROBLEM_LEN])
{
	if (strcmp(text, "truncated dump file; tried to read 4 file header "
			 "bytes, only got 0") == 0)
		text = "the file is empty";
	else if (strncmp(text, "truncated", strlen("truncated")) == 0)
		text = "the file ends inside its header";
	else if (strcmp(text, "unknown file format") == 0)
		text = "neither pcap nor pcapng; what is compressed must be "
		       "unpacked first";
	(void)snprintf(problem, CAPTURE_PROBLEM_LEN, "not a capture: %s", text);
}

static void explain_link_type(int dlt, char problem[CAPTURE_PROBLEM_LEN])
{
	const char *name = pcap_datalink_val_to_name(dlt);
	const char *last = "";
	int len =
		snprintf(problem, CAPTURE_PROBLEM_LEN,
			 "link type %d (%s) is not supported; these are:", dlt,
			 name ? name : "unknown");

	for (const struct link_type *type = link_types; type->name; type++) {
		if (strcmp(type->name, last) != 0)
			len += snprintf(problem + len,
					CAPTURE_PROBLEM_LEN - (size_t)len,
					" %s", type->name);
		last = type->name;
	}
}

static pcap_t *open_pcap(const char *path, char problem[CAPTURE_PROBLEM_LEN])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	FILE *file = open_file(path);
	pcap_t *pcap;

	if (!file) {
		(void)snprintf(problem, CAPTURE_PROBLEM_LEN,
			       "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!pcap) {
		explain_open(text, problem);
		close_file(file);
	}
	return pcap;
}

struct capture *capture_open(const char *path,
			     char problem[CAPTURE_PROBLEM_LEN])
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		(void)snprintf(problem, CAPTURE_PROBLEM_LEN, "out of memory");
		return NULL;
	}
	capture->pcap = open_pcap(path, problem);
	if (!capture->pcap)
		goto err_free;
	capture->link_type = link_type_find(pcap_datalink(capture->pcap));
	if (!capture->link_type) {
		explain_link_type(pcap_datalink(capture->pcap), problem);
		goto err_pcap;
	}
	return capture;

err_pcap:
	pcap_close(capture->pcap);
err_free:
	free(capture);
	return NULL;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	pcap_close(capture->pcap);
	free(capture);
}

const struct link_type *capture_link_type(const struct capture *capture)
{
	return capture->link_type;
}

bool capture_is_file(const struct capture *capture, const char *path)
{
	struct stat ours;
	struct stat theirs;

	return fstat(fileno(pcap_file(capture->pcap)), &ours) == 0 &&
	       stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
	       ours.st_ino == theirs.st_ino;
}

/*
 * The seconds of a pcap file are 32 bits without sign, which libpcap hands out
 * as if they had one; the fraction is what the file says, second or more.
 */
static int64_t read_time(const struct timeval *ts)
{
	const int64_t seconds_max = INT64_MAX / NSEC - UINT16_MAX;
	int64_t seconds = ts->tv_sec;
	int64_t time;

	if (seconds < 0)
		seconds = (uint32_t)seconds;
	if (seconds > seconds_max)
		seconds = seconds_max;
	time = seconds * NSEC + ts->tv_usec; /* they are nanoseconds here */
	return time < 0 ? 0 : time;
}

static enum capture_result explain_next(struct capture *capture)
{
	const char *text = pcap_geterr(capture->pcap);

	if (strncmp(text, "truncated", strlen("truncated")) == 0)
		text = "truncated";
	(void)snprintf(capture->problem, sizeof(capture->problem),
		       "packet %" PRIu64 ": %s", capture->count + 1, text);
	return CAPTURE_BROKEN;
}

enum capture_result capture_next(struct capture *capture,
				 struct capture_frame *frame)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;

	switch (pcap_next_ex(capture->pcap, &header, &data)) {
	case 1:
		break;
	case PCAP_ERROR_BREAK: /* the end of a file */
		return CAPTURE_END;
	default:
		return explain_next(capture);
	}
	*frame = (struct capture_frame){
		.number = ++capture->count,
		.time = read_time(&header->ts),
		.data = data,
		.captured = header->caplen,
		.len = header->len > header->caplen ? header->len
						    : header->caplen,
	};
	return CAPTURE_FRAME;
}

const char *capture_problem(const struct capture *capture)
{
	return capture->problem;
}

void capture_time_format(int64_t time, char text[CAPTURE_TIME_LEN])
{
	(void)snprintf(text, CAPTURE_TIME_LEN, "%" PRId64 ".%06" PRId64,
		       time / NSEC, time % NSEC / 1000);
}
