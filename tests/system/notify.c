/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify SOCKET: what systemd would hear.  Listens where NOTIFY_SOCKET points
 * and prints every message (sd_notify(3)) as it comes, one line a variable.
 *
 * Returns once the socket is there; the listening goes on in the background.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "system/lib/endpoint.h"

int main(int argc, char *argv[])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char message[2048];
	ssize_t len;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		errx(EXIT_FAILURE, "usage: notify SOCKET");
	memcpy(address.sun_path, argv[1], strlen(argv[1]));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(EXIT_FAILURE, "%s", argv[1]);
	/* The daemon that is to write here is another user. */
	if (chmod(argv[1], S_IRWXU | S_IWOTH) < 0)
		err(EXIT_FAILURE, "%s", argv[1]);
	endpoint_background();
	while ((len = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		message[len] = '\n';
		if (write(STDOUT_FILENO, message, (size_t)len + 1) < 0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
