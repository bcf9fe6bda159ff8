/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router: namespace, devices, sysctls, iptables.
 *
 * conntrack does not verify checksums here.  The rules are those of the
 * scenarios: what is INVALID or nobody allows is dropped.
 */
#include "conntrack/kernel.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SIDES = 2,
	PACKET_MAX = 65536,
	RULES_MAX = 1024,
	COMMAND_MAX = 32,
	WORDS_MAX = 4,
	CONNS_MAX = 65536
};

static const char *const devices[SIDES] = { "outside", "inside" };

struct kernel {
	int tun[SIDES]; /* by whether it is the inside */
	struct terms terms;
	uint8_t received[PACKET_MAX];
};

static int open_tun(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	memcpy(request.ifr_name, name, strlen(name) + 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool set_sysctl(const char *name, const char *value)
{
	char path[128];
	size_t len = strlen(value);
	bool ok;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = write(fd, value, len) == (ssize_t)len;
	(void)close(fd);
	return ok;
}

/* A file without a name that holds @text, to be read from its start. */
static int make_input(const char *text)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		err(EXIT_FAILURE, "input of a command");
	return fd;
}

/* Starts @command, which is split at spaces; its input is @input. */
static bool spawn(const char *command, int input, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	char words[COMMAND_MAX];
	char *argv[WORDS_MAX + 1] = { NULL };
	char *rest = words;
	int r;

	(void)snprintf(words, sizeof(words), "%s", command);
	for (int i = 0; i < WORDS_MAX && (argv[i] = strsep(&rest, " ")); i++)
		continue;
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO))
		errx(EXIT_FAILURE, "no memory");
	r = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r == 0;
}

/* Runs @command with @text as its input; whether it succeeded. */
static bool run(const char *command, const char *text)
{
	int input = make_input(text);
	int status = -1;
	pid_t pid;
	bool ok = spawn(command, input, &pid) &&
		  waitpid(pid, &status, 0) == pid && status == 0;

	(void)close(input);
	return ok;
}

/* All that is played stays in the table until the end. */
static bool has_room(void)
{
	FILE *stream = fopen("/proc/sys/net/netfilter/nf_conntrack_max", "r");
	char text[32] = "";
	bool ok;

	if (!stream)
		return false;
	ok = fgets(text, sizeof(text), stream) &&
	     strtoul(text, NULL, 10) >= CONNS_MAX;
	(void)fclose(stream);
	return ok;
}

static bool make_links(void)
{
	return run("ip -batch -", "link set lo up\n"
				  "link set inside mtu 65535 up\n"
				  "link set outside mtu 65535 up\n"
				  "route add " TERMS_INSIDE4 " dev inside\n"
				  "route add " TERMS_OUTSIDE4 " dev outside\n"
				  "route add " TERMS_ROUTER4 " dev outside\n"
				  "route add " TERMS_INSIDE6 " dev inside\n"
				  "route add " TERMS_OUTSIDE6 " dev outside\n"
				  "route add " TERMS_ROUTER6 " dev outside\n");
}

/*
 * The router says nothing by itself, and lets the rules alone judge where a
 * packet may come from.
 */
static bool make_router(void)
{
	static const struct {
		const char *name;
		const char *value;
	} settings[] = {
		{ "ipv6/conf/inside/addr_gen_mode", "1" },
		{ "ipv6/conf/outside/addr_gen_mode", "1" },
		{ "ipv4/conf/all/rp_filter", "0" },
		{ "ipv4/conf/inside/rp_filter", "0" },
		{ "ipv4/conf/outside/rp_filter", "0" },
		{ "ipv4/conf/all/send_redirects", "0" },
		{ "ipv4/conf/inside/send_redirects", "0" },
		{ "ipv4/conf/outside/send_redirects", "0" },
		{ "ipv4/ip_forward", "1" },
		{ "ipv6/conf/all/forwarding", "1" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!set_sysctl(settings[i].name, settings[i].value))
			return false;
	return true;
}

static void format_rules(const struct terms *terms, bool is_ipv6,
			 char rules[RULES_MAX])
{
	static const char *const networks[2][SIDES] = {
		{ TERMS_OUTSIDE4, TERMS_INSIDE4 },
		{ TERMS_OUTSIDE6, TERMS_INSIDE6 },
	};

	(void)snprintf(rules, RULES_MAX,
		       "*filter\n"
		       ":FORWARD DROP\n"
		       "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
		       "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED "
		       "-j ACCEPT\n"
		       "-A FORWARD -m conntrack --ctstate NEW -s %s -j %s\n"
		       "-A FORWARD -m conntrack --ctstate NEW -s %s -j %s\n"
		       "COMMIT\n",
		       networks[is_ipv6][true],
		       terms->denies_inside ? "DROP" : "ACCEPT",
		       networks[is_ipv6][false],
		       terms->denies_outside ? "DROP" : "ACCEPT");
}

static bool load_rules(const struct terms *terms)
{
	static const char *const commands[] = { "iptables-restore",
						"ip6tables-restore" };
	char rules[RULES_MAX];

	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		format_rules(terms, is_ipv6, rules);
		if (!run(commands[is_ipv6], rules))
			return false;
	}
	return true;
}

static bool configure(const struct terms *terms)
{
	return set_sysctl("netfilter/nf_conntrack_tcp_loose",
			  terms->is_loose ? "1" : "0") &&
	       set_sysctl("netfilter/nf_conntrack_tcp_be_liberal",
			  terms->is_liberal ? "1" : "0");
}

/* NULL, or what is missing. */
static const char *prepare(struct kernel *kernel)
{
	if (unshare(CLONE_NEWNET) < 0)
		return "needs root, to make a network namespace";
	for (int side = 0; side < SIDES; side++) {
		kernel->tun[side] = open_tun(devices[side]);
		if (kernel->tun[side] < 0)
			return "needs tun devices";
	}
	if (!make_router() || !make_links())
		return "needs IPv4, IPv6 and the command ip";
	if (!load_rules(&kernel->terms))
		return "needs iptables and its conntrack match";
	if (!configure(&kernel->terms) ||
	    !set_sysctl("netfilter/nf_conntrack_checksum", "0"))
		return "needs the sysctls of nf_conntrack";
	if (!has_room())
		return "needs nf_conntrack_max to be 65536 at least";
	return NULL;
}

struct kernel *kernel_create(const char **why)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		err(EXIT_FAILURE, "the kernel's side");
	for (int side = 0; side < SIDES; side++)
		kernel->tun[side] = -1;
	*why = prepare(kernel);
	if (!*why)
		return kernel;
	kernel_destroy(kernel);
	return NULL;
}

void kernel_destroy(struct kernel *kernel)
{
	for (int side = 0; side < SIDES; side++)
		if (kernel->tun[side] >= 0)
			(void)close(kernel->tun[side]);
	free(kernel);
}

void kernel_set_terms(struct kernel *kernel, const struct terms *terms)
{
	if (terms_are_same(terms, &kernel->terms))
		return;
	if (!load_rules(terms) || !configure(terms))
		errx(EXIT_FAILURE, "the terms cannot be changed");
	kernel->terms = *terms;
}

/* The hop limit, and with it the checksum of the header, are another. */
static bool is_same(const uint8_t *sent, const uint8_t *received, size_t len)
{
	bool is_ipv4 = sent[0] >> 4 == 4;
	size_t hop_limit = is_ipv4 ? 8 : 7;

	for (size_t i = 0; i < len; i++) {
		bool may_differ =
			i == hop_limit || (is_ipv4 && (i == 10 || i == 11));

		if (sent[i] != received[i] && !may_differ)
			return false;
	}
	return true;
}

/*
 * The kernel takes out the header of an IPv6 fragment that is all of its packet
 * (RFC 6946).
 */
static bool is_same_without_fragment(const uint8_t *sent, size_t sent_len,
				     const uint8_t *received, size_t len)
{
	enum { HEADER = 40, ADDRESSES_AT = 8, FRAGMENT = 44, FRAGMENT_LEN = 8 };

	return sent[0] >> 4 == 6 && sent_len >= HEADER + FRAGMENT_LEN &&
	       sent[6] == FRAGMENT && len == sent_len - FRAGMENT_LEN &&
	       memcmp(sent + ADDRESSES_AT, received + ADDRESSES_AT,
		      HEADER - ADDRESSES_AT) == 0 &&
	       memcmp(sent + HEADER + FRAGMENT_LEN, received + HEADER,
		      len - HEADER) == 0;
}

/* Empties the queue of the device; whether the packet was in it. */
static bool has_come(struct kernel *kernel, int tun, const uint8_t *packet,
		     size_t len)
{
	bool found = false;
	ssize_t got;

	while ((got = read(tun, kernel->received, PACKET_MAX)) > 0) {
		size_t received = (size_t)got;

		/* What stands behind the packet is cut off on the way. */
		if (received <= len &&
		    is_same(packet, kernel->received, received))
			found = true;
		if (is_same_without_fragment(packet, len, kernel->received,
					     received))
			found = true;
	}
	if (got < 0 && errno != EAGAIN)
		err(EXIT_FAILURE, "tun device");
	return found;
}

bool kernel_forwards(struct kernel *kernel, bool from_inside,
		     const uint8_t *packet, size_t len)
{
	bool found = false;

	/* EINVAL: the device itself takes no such packet. */
	if (write(kernel->tun[from_inside], packet, len) < 0 && errno != EINVAL)
		err(EXIT_FAILURE, "tun device");
	for (int side = 0; side < SIDES; side++)
		if (has_come(kernel, kernel->tun[side], packet, len))
			found = true;
	return found;
}
