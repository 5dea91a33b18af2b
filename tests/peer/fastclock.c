/* A clock that another process sets, for one program that knows nothing of it:
 *
 *     FASTCLOCK=FILE LD_PRELOAD=fastclock.so PROGRAM
 *
 * FILE holds six 64-bit numbers: the real wall clock in ns at which the rest holds, the wall clock
 * and the monotonic clock that the program sees then, both in ns, the speed in thousandths, the real
 * wall clock up to which it goes at that speed and not as fast as any other, and the exclusive or of
 * these five. It may be written at any time: whoever waits looks at it again every
 * few milliseconds, so that a wait that began at one speed ends rightly at another.
 *
 * Covered is what a program in Rust waits with: clock_gettime and its kin, epoll_wait, poll, the
 * futex system call, nanosleep. A wait without an end is left as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
/* The longest real wait before the file is looked at again. */
#define SLICE (10 * 1000000LL)
/* The longest wait that is counted, so that no sum overflows: thirty years. */
#define LONGEST (30LL * 366 * 86400 * SECOND)

static volatile int64_t *face;
static long (*real_syscall)(long, ...);

/* Before main, so that no two threads set it up. */
__attribute__((constructor)) static void open_face(void) {
    const char *path = getenv("FASTCLOCK");
    real_syscall = dlsym(RTLD_NEXT, "syscall");
    if (!path) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) abort();
    void *map = mmap(NULL, 6 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) abort();
    close(file);
    face = map;
}

static int64_t real_now(clockid_t id) {
    struct timespec t;
    real_syscall(SYS_clock_gettime, id, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void read_face(int64_t out[5]) {
    for (;;) {
        int64_t sum = 0;
        for (int i = 0; i < 5; i++) sum ^= out[i] = face[i];
        if (sum == face[5]) return;
    }
}

/* How much time has passed for the program since the file was written. */
static int64_t passed(const int64_t f[5]) {
    int64_t real = real_now(CLOCK_REALTIME) - f[0], fast = f[4] - f[0];
    if (fast > real) fast = real;
    if (fast < 0) fast = 0;
    return fast / 1000 * f[3] + (real - fast);
}

/* What the program sees: 1 the wall clock, 2 the monotonic one. */
static int64_t shown(int which) {
    int64_t f[5];
    read_face(f);
    return f[which] + passed(f);
}

/* The real time until the program's monotonic clock shows `end`, at most a slice. */
static int64_t left(int64_t end) {
    int64_t f[5];
    read_face(f);
    int64_t span = end - (f[2] + passed(f));
    if (span <= 0) return 0;
    if (f[3] <= 0 || span / f[3] >= SLICE / 1000) return SLICE;
    return span * 1000 / f[3] + 1;
}

static struct timespec spec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int64_t length(const struct timespec *t) {
    if (t->tv_sec >= LONGEST / SECOND) return LONGEST;
    return t->tv_sec * SECOND + t->tv_nsec;
}

/* Which of the two clocks this one is; 0 for one that is not ours. */
static int kind(clockid_t id) {
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
        return 1;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
        return 2;
    default:
        return 0;
    }
}

int clock_gettime(clockid_t id, struct timespec *t) {
    int which = kind(id);
    if (!face || !which) return real_syscall(SYS_clock_gettime, id, t);
    *t = spec(shown(which));
    return 0;
}

int gettimeofday(struct timeval *t, void *zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *want, struct timespec *rest) {
    int which = kind(id);
    if (!face || !which) return real_syscall(SYS_clock_nanosleep, id, flags, want, rest) ? errno : 0;
    int64_t end = length(want);
    if (!(flags & TIMER_ABSTIME)) end += shown(2);
    else if (which == 1) end += shown(2) - shown(1);
    for (int64_t wait; (wait = left(end)) > 0;) {
        struct timespec slice = spec(wait);
        if (real_syscall(SYS_nanosleep, &slice, NULL) != 0) {
            int64_t span = end - shown(2);
            if (rest && !(flags & TIMER_ABSTIME)) *rest = spec(span > 0 ? span : 0);
            return errno;
        }
    }
    return 0;
}

int nanosleep(const struct timespec *want, struct timespec *rest) {
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, want, rest);
    if (error) errno = error;
    return error ? -1 : 0;
}

int usleep(useconds_t us) {
    struct timespec want = spec((int64_t)us * 1000);
    return nanosleep(&want, NULL);
}

/* Milliseconds, rounded up: a wait that ends early would be begun again and again. */
static int ms(int64_t ns) { return (int)((ns + 999999) / 1000000); }

int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout, const sigset_t *mask) {
    if (!face || timeout <= 0)
        return (int)real_syscall(SYS_epoll_pwait, fd, events, most, timeout, mask, _NSIG / 8);
    int64_t end = shown(2) + timeout * 1000000LL;
    for (;;) {
        int64_t wait = left(end);
        int found =
            (int)real_syscall(SYS_epoll_pwait, fd, events, most, ms(wait), mask, _NSIG / 8);
        if (found != 0 || wait == 0) return found;
    }
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    return epoll_pwait(fd, events, most, timeout, NULL);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
    if (!face || timeout <= 0) return (int)real_syscall(SYS_poll, fds, count, timeout);
    int64_t end = shown(2) + timeout * 1000000LL;
    for (;;) {
        int64_t wait = left(end);
        int found = (int)real_syscall(SYS_poll, fds, count, ms(wait));
        if (found != 0 || wait == 0) return found;
    }
}

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *want, uint32_t bits) {
    int command = op & FUTEX_CMD_MASK;
    int64_t end = length(want);
    /* The plain wait has a length, the one with a set of bits an end. */
    if (command == FUTEX_WAIT) end += shown(2);
    else if (op & FUTEX_CLOCK_REALTIME) end += shown(2) - shown(1);
    for (;;) {
        int64_t wait = left(end);
        /* Waiting with bits wants an end by the real clock. */
        struct timespec slice = spec(command == FUTEX_WAIT ? wait : real_now(CLOCK_MONOTONIC) + wait);
        int plain = op & ~FUTEX_CLOCK_REALTIME;
        long woken = real_syscall(SYS_futex, word, plain, value, &slice, NULL, bits);
        if (woken == 0 || errno != ETIMEDOUT || wait == 0) return woken;
    }
}

long syscall(long number, ...) {
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (!real_syscall) real_syscall = dlsym(RTLD_NEXT, "syscall");
    if (face && number == SYS_futex && a[3]) {
        int command = (int)a[1] & FUTEX_CMD_MASK;
        if (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET)
            return futex((uint32_t *)a[0], (int)a[1], (uint32_t)a[2], (const struct timespec *)a[3],
                         (uint32_t)a[5]);
    }
    return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
