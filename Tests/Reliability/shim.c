/* LD_PRELOAD for the engine: system calls on files below SHIM_PATH fail when told to, or are written down for a power cut
 * that is played later; the clock goes where it should not.
 *
 *   SHIM_FAIL=KIND:N:ERRNO[+]  the Nth call of a kind fails, with + all after it as well. Kinds: write, sync, name (rename,
 *                              link, mkdir, creating), truncate, read. ERRNO 0: a write that is only half done.
 *   SHIM_FIRED=FILE            gets a line for each failure
 *   SHIM_RECORD=FILE           gets each change: see power.py
 *   SHIM_SIDE=FILE             what is written there goes into the record as well
 *   SHIM_BOOT=FILE             stands for /proc/sys/kernel/random/boot_id
 *   SHIM_CLOCK=back:NS         the wall clock goes back by NS with each look; jump:N:S: by S seconds at the Nth look
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct {
  const char *root, *fired, *side, *boot;
  size_t root_length;
  int record; /* descriptor, or -1 */
  char kind[16];
  long nth;
  int error, stays;
  long back, jump_at, jump_by;
} shim = {.record = -1};
static atomic_long calls, looks;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

/* The functions behind. Looked up in the constructor: what runs before it is not ours to disturb. */
#define REAL(name) static __typeof__(&name) real_##name
REAL(write); REAL(pwrite); REAL(pwrite64); REAL(writev); REAL(read); REAL(pread); REAL(pread64); REAL(fsync);
REAL(fdatasync); REAL(syncfs); REAL(rename); REAL(renameat); REAL(link); REAL(linkat); REAL(mkdir); REAL(unlink);
REAL(unlinkat); REAL(rmdir); REAL(ftruncate); REAL(ftruncate64); REAL(clock_gettime); REAL(gettimeofday); REAL(ioctl);
REAL(posix_fallocate); REAL(posix_fallocate64); REAL(copy_file_range);
static int (*real_open)(const char *, int, ...), (*real_openat)(int, const char *, int, ...);

__attribute__((constructor)) static void begin(void) {
#define FIND(name) *(void **)&real_##name = dlsym(RTLD_NEXT, #name)
  FIND(write); FIND(pwrite); FIND(pwrite64); FIND(writev); FIND(read); FIND(pread); FIND(pread64); FIND(fsync);
  FIND(fdatasync); FIND(syncfs); FIND(rename); FIND(renameat); FIND(link); FIND(linkat); FIND(mkdir); FIND(unlink);
  FIND(unlinkat); FIND(rmdir); FIND(ftruncate); FIND(ftruncate64); FIND(clock_gettime); FIND(gettimeofday); FIND(ioctl);
  FIND(posix_fallocate); FIND(posix_fallocate64); FIND(copy_file_range); FIND(open); FIND(openat);
  char self[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  self[n < 0 ? 0 : n] = 0;
  const char *base = strrchr(self, '/');
  int is_engine = base && strcmp(base, "/assay") == 0, is_worker = base && strcmp(base, "/assay-worker") == 0;
  if (!is_engine && !is_worker) return;
  const char *text = getenv("SHIM_RECORD");
  if (text) shim.record = real_open(text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  shim.side = getenv("SHIM_SIDE");
  shim.root = getenv("SHIM_PATH");
  shim.root_length = shim.root ? strlen(shim.root) : 0;
  if (!is_engine) return;
  shim.boot = getenv("SHIM_BOOT");
  shim.fired = getenv("SHIM_FIRED");
  if ((text = getenv("SHIM_FAIL"))) {
    char plus = 0;
    sscanf(text, "%15[a-z]:%ld:%d%c", shim.kind, &shim.nth, &shim.error, &plus);
    shim.stays = plus == '+';
  }
  if ((text = getenv("SHIM_CLOCK")) && sscanf(text, "back:%ld", &shim.back) != 1)
    sscanf(text, "jump:%ld:%ld", &shim.jump_at, &shim.jump_by);
}

/* ---- Which files ---- */

static int is_ours(const char *path) {
  return shim.root && path && strncmp(path, shim.root, shim.root_length) == 0;
}

static int path_of(int fd, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  path[n < 0 ? 0 : n] = 0;
  return n > 0;
}

static int is_ours_fd(int fd) {
  int before = errno;
  char path[PATH_MAX];
  int result = shim.root && fd > 2 && path_of(fd, path) && is_ours(path);
  errno = before;
  return result;
}

/* ---- Failing ---- */

/* 0: go on. 1: fail with errno. 2: do half. */
static int fails_in(const char *call, const char *kind, const char *path, int fd) {
  if (!shim.nth || strcmp(kind, shim.kind) != 0) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (number != shim.nth && !(shim.stays && number > shim.nth)) return 0;
  char name[PATH_MAX], line[PATH_MAX + 64];
  if (!path) path = path_of(fd, name) ? name : "?";
  int out = shim.fired ? real_open(shim.fired, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  if (out >= 0) {
    int n = snprintf(line, sizeof line, "%s %ld %s\n", call, number, path);
    if (real_write(out, line, (size_t)n) != n) abort();
    close(out);
  }
  if (shim.error == 0) return 2;
  errno = shim.error;
  return 1;
}

static int fails(const char *kind, const char *path, int fd) { return fails_in(kind, kind, path, fd); }

/* ---- Recording: a line, and after it the bytes of a write. The caller has the lock. ---- */

static void note(const void *bytes, size_t n, const char *format, ...) {
  int before = errno;
  char line[2 * PATH_MAX];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  struct iovec parts[] = {{line, (size_t)length}, {(void *)(uintptr_t)bytes, n}};
  if (real_writev(shim.record, parts, n ? 2 : 1) != (ssize_t)((size_t)length + n)) abort();
  errno = before;
}

static unsigned long number(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0 ? s.st_ino : 0;
}

static unsigned long number_fd(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 ? s.st_ino : 0;
}

/* The directory of a path, by number; *name: the last part. */
static unsigned long folder(const char *path, const char **name) {
  char parent[PATH_MAX];
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!slash) return number(".");
  snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
  return number(parent);
}

static int records(const char *path) { return shim.record >= 0 && is_ours(path); }
static int is_side(int fd) {
  char path[PATH_MAX];
  return shim.record >= 0 && shim.side && path_of(fd, path) && strcmp(path, shim.side) == 0;
}

static void wrote(int fd, const void *bytes, ssize_t n, off_t at) {
  if (n > 0) note(bytes, (size_t)n, "W %lu %ld %ld\n", number_fd(fd), (long)at, (long)n);
}

/* ---- Writing ---- */

static off_t position(int fd) {
  struct stat s;
  if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &s) == 0 ? s.st_size : 0;
  return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t n) {
  if (!real_write) return syscall(SYS_write, fd, bytes, n);
  if (is_side(fd)) {
    pthread_mutex_lock(&order);
    note(bytes, n, "X side %zu\n", n);
    pthread_mutex_unlock(&order);
  }
  if (!is_ours_fd(fd)) return real_write(fd, bytes, n);
  int how = fails("write", NULL, fd);
  if (how == 1) return -1;
  if (how == 2) n = n / 2 ? n / 2 : 1;
  if (shim.record < 0) return real_write(fd, bytes, n);
  pthread_mutex_lock(&order);
  off_t at = position(fd);
  ssize_t done = real_write(fd, bytes, n);
  wrote(fd, bytes, done, at);
  pthread_mutex_unlock(&order);
  return done;
}

#define PWRITE(name, offset)                                                                                            \
  ssize_t name(int fd, const void *bytes, size_t n, offset at) {                                                        \
    if (!is_ours_fd(fd)) return real_##name(fd, bytes, n, at);                                                          \
    int how = fails("write", NULL, fd);                                                                                 \
    if (how == 1) return -1;                                                                                            \
    if (how == 2) n = n / 2 ? n / 2 : 1;                                                                                \
    if (shim.record < 0) return real_##name(fd, bytes, n, at);                                                          \
    pthread_mutex_lock(&order);                                                                                         \
    ssize_t done = real_##name(fd, bytes, n, at);                                                                       \
    wrote(fd, bytes, done, at);                                                                                         \
    pthread_mutex_unlock(&order);                                                                                       \
    return done;                                                                                                        \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!is_ours_fd(fd)) return real_writev(fd, parts, count);
  return count > 0 ? write(fd, parts[0].iov_base, parts[0].iov_len) : 0;
}

/* What the record could not follow is refused: there is always another way. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
  if (is_ours_fd(out)) { errno = EXDEV; return -1; }
  return real_copy_file_range(in, from, out, to, n, flags);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  if (request == 0x40049409 && is_ours_fd(fd)) { errno = EOPNOTSUPP; return -1; }
  return real_ioctl(fd, request, argument);
}

#define TRUNCATE(name, offset)                                                                                          \
  int name(int fd, offset size) {                                                                                       \
    if (!is_ours_fd(fd)) return real_##name(fd, size);                                                                  \
    if (fails("truncate", NULL, fd)) return -1;                                                                         \
    if (shim.record < 0) return real_##name(fd, size);                                                                  \
    pthread_mutex_lock(&order);                                                                                         \
    int result = real_##name(fd, size);                                                                                 \
    if (result == 0) note(NULL, 0, "T %lu %ld\n", number_fd(fd), (long)size);                                           \
    pthread_mutex_unlock(&order);                                                                                       \
    return result;                                                                                                      \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int posix_fallocate(int fd, off_t at, off_t n) {
  if (is_ours_fd(fd) && fails("truncate", NULL, fd)) return errno;
  return real_posix_fallocate(fd, at, n);
}
int posix_fallocate64(int fd, off64_t at, off64_t n) {
  if (is_ours_fd(fd) && fails("truncate", NULL, fd)) return errno;
  return real_posix_fallocate64(fd, at, n);
}

/* ---- To disk ---- */

#define SYNC(name, format)                                                                                              \
  int name(int fd) {                                                                                                    \
    if (!is_ours_fd(fd)) return real_##name(fd);                                                                        \
    if (fails_in(#name, "sync", NULL, fd)) return -1;                                                                   \
    if (shim.record < 0) return real_##name(fd);                                                                        \
    pthread_mutex_lock(&order);                                                                                         \
    note(NULL, 0, format, number_fd(fd));                                                                               \
    pthread_mutex_unlock(&order);                                                                                       \
    return 0;                                                                                                           \
  }
SYNC(fsync, "S %lu\n")
SYNC(fdatasync, "S %lu\n")
SYNC(syncfs, "F %lu\n")

/* ---- Names ---- */

/* The path, or `buffer` with the directory before it. */
static const char *absolute(int at, const char *path, char buffer[PATH_MAX]) {
  char parent[PATH_MAX];
  if (at == AT_FDCWD || path[0] == '/' || !shim.root || !path_of(at, parent)) return path;
  snprintf(buffer, PATH_MAX, "%.3000s/%.1000s", parent, path);
  return buffer;
}

static int opens(const char *path, int flags, mode_t mode) {
  if (shim.boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0) path = shim.boot;
  if (!is_ours(path) || !(flags & (O_CREAT | O_TRUNC))) return real_open(path, flags, mode);
  struct stat s;
  int was = lstat(path, &s) == 0;
  if (!was && fails("name", path, -1)) return -1;
  if (shim.record < 0) return real_open(path, flags, mode);
  pthread_mutex_lock(&order);
  int fd = real_open(path, flags, mode);
  const char *name;
  if (fd >= 0 && !was) {
    unsigned long parent = folder(path, &name);
    note(NULL, 0, "C %lu %lu %s\n", parent, number_fd(fd), name);
  } else if (fd >= 0 && (flags & O_TRUNC)) {
    note(NULL, 0, "T %lu 0\n", number_fd(fd));
  }
  pthread_mutex_unlock(&order);
  return fd;
}

static mode_t mode_in(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                                      \
  int name(const char *path, int flags, ...) {                                                                          \
    va_list arguments;                                                                                                  \
    va_start(arguments, flags);                                                                                         \
    mode_t mode = mode_in(flags, arguments);                                                                            \
    va_end(arguments);                                                                                                  \
    if (!real_open) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);                                       \
    return opens(path, flags, mode);                                                                                    \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                    \
  int name(int at, const char *path, int flags, ...) {                                                                  \
    va_list arguments;                                                                                                  \
    va_start(arguments, flags);                                                                                         \
    mode_t mode = mode_in(flags, arguments);                                                                            \
    va_end(arguments);                                                                                                  \
    if (!real_openat) return (int)syscall(SYS_openat, at, path, flags, mode);                                           \
    if (at == AT_FDCWD || path[0] == '/') return opens(path, flags, mode);                                              \
    return real_openat(at, path, flags, mode);                                                                          \
  }
OPENAT(openat)
OPENAT(openat64)

int creat(const char *path, mode_t mode) { return opens(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

static int renames(const char *from, const char *to) {
  if (!is_ours(to)) return real_rename(from, to);
  if (fails("name", to, -1)) return -1;
  if (shim.record < 0) return real_rename(from, to);
  pthread_mutex_lock(&order);
  const char *old, *new;
  unsigned long inode = number(from), a = folder(from, &old), b = folder(to, &new);
  int result = real_rename(from, to);
  if (result == 0) note(NULL, 0, "R %lu %lu %lu %s\n%s\n", a, b, inode, old, new);
  pthread_mutex_unlock(&order);
  return result;
}
int rename(const char *from, const char *to) { return renames(from, to); }
int renameat(int a, const char *from, int b, const char *to) {
  char first[PATH_MAX], second[PATH_MAX];
  return renames(absolute(a, from, first), absolute(b, to, second));
}

static int links(const char *from, const char *to) {
  if (!is_ours(to)) return real_link(from, to);
  if (fails("name", to, -1)) return -1;
  if (shim.record < 0) return real_link(from, to);
  pthread_mutex_lock(&order);
  const char *name;
  unsigned long parent = folder(to, &name);
  int result = real_link(from, to);
  if (result == 0) note(NULL, 0, "L %lu %lu %s\n", parent, number(to), name);
  pthread_mutex_unlock(&order);
  return result;
}
int link(const char *from, const char *to) { return links(from, to); }

int mkdir(const char *path, mode_t mode) {
  if (!is_ours(path)) return real_mkdir(path, mode);
  struct stat s;
  if (lstat(path, &s) != 0 && fails("name", path, -1)) return -1;
  if (shim.record < 0) return real_mkdir(path, mode);
  pthread_mutex_lock(&order);
  const char *name;
  unsigned long parent = folder(path, &name);
  int result = real_mkdir(path, mode);
  if (result == 0) note(NULL, 0, "D %lu %lu %s\n", parent, number(path), name);
  pthread_mutex_unlock(&order);
  return result;
}

static int removes(const char *path, int is_folder) {
  if (!records(path)) return is_folder ? real_rmdir(path) : real_unlink(path);
  pthread_mutex_lock(&order);
  const char *name;
  unsigned long parent = folder(path, &name);
  int result = is_folder ? real_rmdir(path) : real_unlink(path);
  if (result == 0) note(NULL, 0, "U %lu %s\n", parent, name);
  pthread_mutex_unlock(&order);
  return result;
}
int unlink(const char *path) { return removes(path, 0); }
int rmdir(const char *path) { return removes(path, 1); }
int unlinkat(int at, const char *path, int flags) {
  if (shim.record < 0) return real_unlinkat(at, path, flags);
  char buffer[PATH_MAX];
  return removes(absolute(at, path, buffer), flags & AT_REMOVEDIR);
}

/* ---- Reading ---- */

ssize_t read(int fd, void *bytes, size_t n) {
  if (!real_read) return syscall(SYS_read, fd, bytes, n);
  if (shim.nth && shim.kind[0] == 'r' && is_ours_fd(fd) && fails("read", NULL, fd) == 1) return -1;
  return real_read(fd, bytes, n);
}
ssize_t pread(int fd, void *bytes, size_t n, off_t at) {
  if (shim.nth && shim.kind[0] == 'r' && is_ours_fd(fd) && fails("read", NULL, fd) == 1) return -1;
  return real_pread(fd, bytes, n, at);
}
ssize_t pread64(int fd, void *bytes, size_t n, off64_t at) {
  if (shim.nth && shim.kind[0] == 'r' && is_ours_fd(fd) && fails("read", NULL, fd) == 1) return -1;
  return real_pread64(fd, bytes, n, at);
}

/* ---- The clock ---- */

static long shift(void) {
  long look = atomic_fetch_add(&looks, 1);
  if (shim.back) return look * shim.back;
  return shim.jump_at && look >= shim.jump_at ? shim.jump_by * 1000000000L : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!real_clock_gettime) return (int)syscall(SYS_clock_gettime, clock, time);
  int result = real_clock_gettime(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME && (shim.back || shim.jump_at)) {
    long long ns = time->tv_sec * 1000000000LL + time->tv_nsec - shift();
    time->tv_sec = ns / 1000000000;
    time->tv_nsec = ns % 1000000000;
  }
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  if (!real_gettimeofday) return (int)syscall(SYS_gettimeofday, time, zone);
  if (!shim.back && !shim.jump_at) return real_gettimeofday(time, zone);
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
