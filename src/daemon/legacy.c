/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handing the connection table on.
 *
 * The memory has the name connections-N in the store, N one more for each
 * process, so that the old one is there until the new one is.  It is sealed:
 * its length cannot change while it is mapped.
 */
#include "daemon/legacy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/statefile.h"
#include "engine/conntrack_image.h"
#include "engine/restore.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* since Linux 6.3 */
#endif

enum { STORE_NAME_LEN = 64 };

static const char file_name[] = "connections";
static const char store_prefix[] = "connections-";

/* Mapped, or read from a file. */
struct image {
	void *memory; /* NULL: nothing */
	size_t len;
	bool is_mapped;
	struct restore *restore; /* NULL: it cannot be used */
};

struct legacy {
	struct legacy_params params;
	char boot[CONNTRACK_IMAGE_BOOT_LEN];
	struct image past;
	enum restore_fault fault; /* of what was found last and is of no use */
	int fd;                   /* of .memory; -1: nobody can have it */
	void *memory;
	size_t len;
	struct conntrack_image *image;
	uint64_t serial;
};

static void read_boot(char boot[CONNTRACK_IMAGE_BOOT_LEN])
{
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");

	memset(boot, 0, CONNTRACK_IMAGE_BOOT_LEN);
	if (!in)
		return;
	if (!fgets(boot, CONNTRACK_IMAGE_BOOT_LEN, in))
		boot[0] = '\0';
	(void)fclose(in);
}

/* Reading what is there. */

static void drop_image(struct image *image)
{
	restore_close(image->restore);
	if (image->is_mapped)
		(void)munmap(image->memory, image->len);
	else
		free(image->memory);
	*image = (struct image){ 0 };
}

static void open_image(struct legacy *legacy, struct image *image)
{
	const struct restore_params params = {
		.memory = image->memory,
		.len = image->len,
		.rules = legacy->params.rules,
		.boot = legacy->boot,
		.now = legacy->params.now,
		.wall = legacy->params.wall,
	};
	enum restore_fault fault = RESTORE_FOREIGN;

	if (image->memory)
		image->restore = restore_open(&params, &fault);
	if (image->restore)
		return;
	legacy->fault = fault;
	drop_image(image);
}

static bool is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_SHRINK;
}

static struct image map_image(int fd)
{
	struct image image = { 0 };
	struct stat st;
	void *memory;

	if (!is_sealed(fd) || fstat(fd, &st) < 0)
		return image;
	memory = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (memory == MAP_FAILED)
		return image;
	return (struct image){ memory, (size_t)st.st_size, true, NULL };
}

/* The better one stays in .past: there are two if a start was interrupted. */
static void consider(struct legacy *legacy, struct image image)
{
	uint64_t serial;

	open_image(legacy, &image);
	if (!image.restore)
		return;
	serial = restore_serial(image.restore);
	if (legacy->past.restore && serial < legacy->serial) {
		drop_image(&image);
		return;
	}
	drop_image(&legacy->past);
	legacy->past = image;
	legacy->serial = serial;
}

static bool has_prefix(const char *name)
{
	return strncmp(name, store_prefix, sizeof(store_prefix) - 1) == 0;
}

/* They stay in the store until it is closed, which is when all is taken over. */
static void look_in_store(struct legacy *legacy)
{
	struct fdstore *store = legacy->params.store;
	const char *name;

	for (size_t i = 0; (name = fdstore_name(store, i)); i++)
		if (has_prefix(name))
			consider(legacy, map_image(fdstore_fd(store, i)));
}

static struct image read_image(FILE *in)
{
	struct image image = { 0 };
	struct stat st;

	if (fstat(fileno(in), &st) < 0)
		return image;
	image.memory = malloc((size_t)st.st_size + 1);
	if (image.memory)
		image.len = fread(image.memory, 1, (size_t)st.st_size, in);
	return image;
}

static void look_for_file(struct legacy *legacy)
{
	FILE *in = statefile_open(file_name);

	if (!in)
		return;
	consider(legacy, read_image(in));
	(void)fclose(in);
}

/* The new table. */

/* -1: no descriptor. */
static int make_memory(size_t len)
{
	static const char name[] = "statewall-connections";
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING |
					    MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)len) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		    0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Memory without a descriptor serves as well, as long as the process lives. */
static bool map_memory(struct legacy *legacy)
{
	int flags = MAP_SHARED | MAP_NORESERVE;

	legacy->len = conntrack_image_len(legacy->params.max_conns);
	legacy->fd = make_memory(legacy->len);
	if (legacy->fd < 0) {
		log_warn("the connection table will not outlive this process: "
			 "no memory with a descriptor: %s",
			 strerror(errno));
		flags |= MAP_ANONYMOUS;
	}
	legacy->memory = mmap(NULL, legacy->len, PROT_READ | PROT_WRITE, flags,
			      legacy->fd, 0);
	if (legacy->memory != MAP_FAILED)
		return true;
	legacy->memory = NULL;
	return false;
}

static bool create_image(struct legacy *legacy)
{
	struct conntrack_image_params params = {
		.max_conns = legacy->params.max_conns,
		.shards = DATAPLANE_SHARDS,
		.key = legacy->params.key,
		.serial = ++legacy->serial,
	};

	memcpy(params.boot, legacy->boot, sizeof(params.boot));
	if (map_memory(legacy))
		legacy->image = conntrack_image_create(legacy->memory, &params);
	return legacy->image != NULL;
}

struct legacy *legacy_create(const struct legacy_params *params)
{
	struct legacy *legacy = calloc(1, sizeof(*legacy));

	if (!legacy)
		return NULL;
	legacy->params = *params;
	legacy->fd = -1;
	read_boot(legacy->boot);
	look_in_store(legacy);
	if (!legacy->past.restore)
		look_for_file(legacy);
	if (create_image(legacy))
		return legacy;
	legacy_destroy(legacy);
	return NULL;
}

void legacy_destroy(struct legacy *legacy)
{
	if (!legacy)
		return;
	drop_image(&legacy->past);
	conntrack_image_destroy(legacy->image);
	if (legacy->memory)
		(void)munmap(legacy->memory, legacy->len);
	if (legacy->fd >= 0)
		(void)close(legacy->fd);
	free(legacy);
}

struct conntrack_image *legacy_image(const struct legacy *legacy)
{
	return legacy->image;
}

/* Taking over. */

static void tell_restored(const struct restore_counts *counts)
{
	log_info("connections: %zu from before the start go on",
		 counts->restored);
	if (counts->damaged)
		log_warn("connections: %zu from before the start were damaged "
			 "and are left out",
			 counts->damaged);
	if (counts->no_room)
		log_warn("connections: %zu from before the start have no room: "
			 "limits.connections is smaller now",
			 counts->no_room);
}

static void tell_refused(const struct legacy *legacy)
{
	msec_t grace = ruleset_tcp(legacy->params.rules)->pickup_grace;

	log_warn("connections: the table from before the start cannot be used: "
		 "%s; for %" PRId64 " s connections may go on that are met in "
		 "the middle, if a rule allows them",
		 restore_fault_text[legacy->fault], grace / 1000);
}

static bool take_over(struct legacy *legacy, struct dataplane *dp, msec_t now)
{
	struct restore_counts counts = { 0 };
	bool judges;

	if (legacy->fault != RESTORE_OK && !legacy->past.restore) {
		tell_refused(legacy);
		dataplane_set_past(dp, ENGINE_PAST_LOST);
	}
	if (!legacy->past.restore)
		return false;
	judges = dataplane_restore(dp, legacy->past.restore, now, &counts);
	tell_restored(&counts);
	dataplane_set_past(dp, ENGINE_PAST_KEPT);
	drop_image(&legacy->past);
	return judges;
}

bool legacy_restore(struct legacy *legacy, struct dataplane *dp, msec_t now)
{
	bool judges = take_over(legacy, dp, now);
	char name[STORE_NAME_LEN];

	if (legacy->fd < 0)
		return judges;
	(void)snprintf(name, sizeof(name), "%s%" PRIu64, store_prefix,
		       legacy->serial);
	fdstore_put(name, legacy->fd);
	return judges;
}

/* Saving. */

static bool write_octets(const void *octets, size_t len, void *arg)
{
	return fwrite(octets, 1, len, arg) == len;
}

struct saving {
	const struct legacy *legacy;
	msec_t now;
	int64_t wall;
};

static bool write_image(FILE *out, void *arg)
{
	const struct saving *saving = arg;
	const struct conntrack_image_sink sink = { write_octets, out };

	return conntrack_image_save(saving->legacy->image, saving->now,
				    saving->wall, &sink);
}

void legacy_save(const struct legacy *legacy, msec_t now, int64_t wall)
{
	struct saving saving = { legacy, now, wall };
	int r = statefile_replace(file_name, write_image, &saving);

	if (r == -ENOENT)
		log_info("connections are not kept for the next start: there "
			 "is no directory for them; systemd names one in "
			 "STATE_DIRECTORY");
	else if (r < 0)
		log_warn("connections cannot be kept for the next start: %s",
			 strerror(-r));
}

/* The same addresses, as a copy. */
void legacy_let_go(struct legacy *legacy)
{
	conntrack_image_rest(legacy->image);
	if (legacy->fd >= 0)
		(void)mmap(legacy->memory, legacy->len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, legacy->fd,
			   0);
}

void legacy_discard_file(void)
{
	statefile_remove(file_name);
}
