/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of system calls.
 *
 * No call of the path of packets is looked at beyond its number: the kernel
 * remembers which of those are allowed (SECCOMP_ARCH_NATIVE bitmaps), so that
 * they cost next to nothing.
 */
#include "daemon/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Sanitizers do what no list foresees. */
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

enum {
	IN_MAIN = 1U << CAGE_MAIN,
	IN_WORKER = 1U << CAGE_WORKER,
	IN_READER = 1U << CAGE_READER,
	IN_ALL = IN_MAIN | IN_WORKER | IN_READER,
};

struct calls {
	const int *list;
	size_t count;
};

#define CALLS(array)                                        \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}

/* To run at all, and to end: memory, locks, time, abort(). */
static const int common[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getcpu),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(tgkill),
	SCMP_SYS(time),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

/* Which may be code, for who loads programs and libraries. */
static const int memory[] = {
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
};

/* queue.c and homing.c. */
static const int worker[] = {
	SCMP_SYS(recvmmsg),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sendto),
};

/* A policy in several files, /etc/services, and what libc looks up. */
static const int reader[] = {
	SCMP_SYS(access),      SCMP_SYS(arch_prctl), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),  SCMP_SYS(fcntl),      SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),     SCMP_SYS(getcwd),     SCMP_SYS(getdents64),
	SCMP_SYS(getegid),     SCMP_SYS(geteuid),    SCMP_SYS(getgid),
	SCMP_SYS(getuid),      SCMP_SYS(lseek),      SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),  SCMP_SYS(prlimit64),  SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),  SCMP_SYS(readv),      SCMP_SYS(set_tid_address),
	SCMP_SYS(sigaltstack), SCMP_SYS(stat),       SCMP_SYS(statx),
	SCMP_SYS(sysinfo),     SCMP_SYS(uname),
};

/* Events, files of the state directory, control, and other processes. */
static const int events[] = {
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(bind),
	SCMP_SYS(capget),
	SCMP_SYS(capset),
	SCMP_SYS(chmod),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(connect),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(execve),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(fchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(fdatasync),
	SCMP_SYS(flock),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getgroups),
	SCMP_SYS(getpeername),
	SCMP_SYS(getppid),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(kill),
	SCMP_SYS(listen),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(openat),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pipe2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(prctl),
	SCMP_SYS(pwrite64),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(rmdir),
	SCMP_SYS(seccomp),
	SCMP_SYS(sendmsg),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(signalfd4),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(umask),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(utimensat),
	SCMP_SYS(vfork),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
};

/* Nobody calls these by mistake. */
static const int hostile[] = {
	SCMP_SYS(add_key),
	SCMP_SYS(bpf),
	SCMP_SYS(chroot),
	SCMP_SYS(delete_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(init_module),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(kexec_load),
	SCMP_SYS(keyctl),
	SCMP_SYS(mount),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(personality),
	SCMP_SYS(pivot_root),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(ptrace),
	SCMP_SYS(reboot),
	SCMP_SYS(request_key),
	SCMP_SYS(setns),
	SCMP_SYS(swapon),
	SCMP_SYS(umount2),
	SCMP_SYS(unshare),
	SCMP_SYS(userfaultfd),
};

/*
 * In a thread that judges packets, nor these.  Files it just may not open: libc
 * does so now and then to see how much memory to give back.
 */
static const int hostile_worker[] = {
	SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(execve), SCMP_SYS(execveat),
	SCMP_SYS(fork), SCMP_SYS(socket),  SCMP_SYS(vfork),
};

/* In one that reads a policy. */
static const int hostile_reader[] = {
	SCMP_SYS(bind), SCMP_SYS(execve), SCMP_SYS(execveat),
	SCMP_SYS(fork), SCMP_SYS(vfork),
};

enum { LISTS_MAX = 5 };

static const struct {
	struct calls allowed[LISTS_MAX];
	struct calls hostile[LISTS_MAX];
} cages[] = {
	[CAGE_MAIN] = {
		.allowed = { CALLS(common), CALLS(memory), CALLS(worker),
			     CALLS(reader), CALLS(events) },
		.hostile = { CALLS(hostile) },
	},
	[CAGE_WORKER] = {
		.allowed = { CALLS(common), CALLS(worker) },
		.hostile = { CALLS(hostile), CALLS(hostile_worker) },
	},
	[CAGE_READER] = {
		.allowed = { CALLS(common), CALLS(memory), CALLS(reader) },
		.hostile = { CALLS(hostile), CALLS(hostile_reader) },
	},
};

static int add_list(scmp_filter_ctx ctx, uint32_t action,
		    const struct calls *calls)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < calls->count; i++)
		r = seccomp_rule_add(ctx, action, calls->list[i], 0);
	return r;
}

static int add_lists(scmp_filter_ctx ctx, enum cage cage)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < LISTS_MAX; i++) {
		r = add_list(ctx, SCMP_ACT_ALLOW, &cages[cage].allowed[i]);
		if (r == 0)
			r = add_list(ctx, SCMP_ACT_KILL_PROCESS,
				     &cages[cage].hostile[i]);
	}
	return r;
}

/* What is allowed with some arguments only. */
static const struct {
	unsigned int cages; /* bits */
	int call;
	struct scmp_arg_cmp arg;
} exceptions[] = {
	{ IN_ALL, SCMP_SYS(ioctl), { 1, SCMP_CMP_EQ, TCGETS, 0 } },
	{ IN_MAIN | IN_WORKER,
	  SCMP_SYS(ioctl),
	  { 1, SCMP_CMP_EQ, SIOCGIFNAME, 0 } },
	{ IN_MAIN, SCMP_SYS(socket), { 0, SCMP_CMP_EQ, AF_UNIX, 0 } },
	/* Memory that is no code. */
	{ IN_WORKER, SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ IN_WORKER,
	  SCMP_SYS(mprotect),
	  { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
	{ IN_READER,
	  SCMP_SYS(openat),
	  { 2, SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDONLY } },
};

static int add_exceptions(scmp_filter_ctx ctx, enum cage cage)
{
	int r = 0;

	for (size_t i = 0;
	     r == 0 && i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (exceptions[i].cages & 1U << cage)
			r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW,
						   exceptions[i].call, 1,
						   &exceptions[i].arg);
	return r;
}

int cage_enter(enum cage cage)
{
	scmp_filter_ctx ctx;
	int r;

	if (SANITIZED)
		return 0;
	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!ctx)
		return -ENOMEM;
	/* Where the log cannot have it nobody hears of it.  To look for a name
	 * service that is not there is usual. */
	if (cage != CAGE_READER)
		(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = add_lists(ctx, cage);
	if (r == 0)
		r = add_exceptions(ctx, cage);
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}
