/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a thread can still do in its cage, each thing in a process of its own.
 */
#include "daemon/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/run.h"

/* A sanitizer has none. */
#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* What becomes of who does it. */
enum fate { DONE, REFUSED, KILLED };

/* Each returns whether it was done. */

static bool read_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool write_file(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0;
}

static bool remove_file(void)
{
	return unlink("/nonexistent") == 0 || errno == ENOENT;
}

static bool open_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool open_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool open_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 12) >= 0;
}

static bool run_program(void)
{
	static char name[] = "/bin/true";
	char *argv[] = { name, NULL };
	char *envp[] = { NULL };

	(void)execve(name, argv, envp);
	return false;
}

static bool start_process(void)
{
	return syscall(SYS_fork) >= 0;
}

static bool trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool change_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

static bool wait_for_packets(void)
{
	struct mmsghdr header = { 0 };

	/* No socket, but the call is made. */
	return recvmmsg(-1, &header, 1, 0, NULL) < 0 && errno == EBADF;
}

static bool move_to_processor(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
	       sched_setaffinity(0, sizeof(cpus), &cpus) == 0;
}

static bool take_memory(void)
{
	void *memory = malloc(1 << 24);

	free(memory);
	return memory;
}

static bool make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool say_something(void)
{
	return write(STDOUT_FILENO, "", 0) == 0;
}

static const struct {
	const char *what;
	bool (*does)(void);
	enum fate fates[3]; /* by enum cage */
} deeds[] = {
	{ "takes memory", take_memory, { DONE, DONE, DONE } },
	{ "makes memory that is code", make_code, { DONE, REFUSED, DONE } },
	{ "writes to what is open", say_something, { DONE, DONE, DONE } },
	{ "waits for packets", wait_for_packets, { DONE, DONE, REFUSED } },
	{ "moves to a processor", move_to_processor, { DONE, DONE, REFUSED } },
	{ "reads a file", read_file, { DONE, REFUSED, DONE } },
	{ "opens a file to write", write_file, { DONE, REFUSED, REFUSED } },
	{ "removes a file", remove_file, { DONE, REFUSED, REFUSED } },
	{ "opens a local socket", open_unix, { DONE, KILLED, REFUSED } },
	{ "opens one to the network", open_inet, { REFUSED, KILLED, REFUSED } },
	{ "opens one to the kernel",
	  open_netlink,
	  { REFUSED, KILLED, REFUSED } },
	{ "runs a program", run_program, { DONE, KILLED, KILLED } },
	{ "starts a process", start_process, { REFUSED, KILLED, KILLED } },
	{ "traces a process", trace, { KILLED, KILLED, KILLED } },
	{ "changes its namespace",
	  change_namespace,
	  { KILLED, KILLED, KILLED } },
};

/* In a new process; a program that is run ends it with 0. */
static void live(bool (*does)(void), enum cage cage)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (cage_enter(cage) < 0)
		_exit(3);
	if (does())
		_exit(0);
	_exit(errno == EPERM ? 1 : 2);
}

static enum fate fate_of(int status)
{
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGSYS);
		return KILLED;
	}
	ck_assert_int_le(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == 0 ? DONE : REFUSED;
}

START_TEST(each_cage_leaves_what_its_thread_needs)
{
	for (int cage = CAGE_MAIN; cage <= CAGE_READER; cage++) {
		pid_t pid = fork();
		int status = 0;

		ck_assert_int_ge(pid, 0);
		if (pid == 0)
			live(deeds[_i].does, (enum cage)cage);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(fate_of(status) == deeds[_i].fates[cage],
			      "cage %d: %s: %d", cage, deeds[_i].what,
			      fate_of(status));
	}
}
END_TEST

static void *work(void *arg)
{
	*(int *)arg = cage_enter(CAGE_WORKER);
	return NULL;
}

START_TEST(the_cage_of_a_thread_is_its_own)
{
	pthread_t thread;
	int r = 1;

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(cage_enter(CAGE_MAIN), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, work, &r), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(r, 0);
	ck_assert(read_file());
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("cage");

	if (SANITIZED) {
		puts("skip test_daemon_cage: sanitizers do what they like");
	} else {
		tcase_add_loop_test(tc, each_cage_leaves_what_its_thread_needs,
				    0, COUNT(deeds));
		tcase_add_test(tc, the_cage_of_a_thread_is_its_own);
	}
	return run_tests(tc, "daemon_cage");
}
