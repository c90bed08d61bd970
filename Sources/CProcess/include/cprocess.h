/* The system calls behind processes that Swift cannot express well: spawning with descriptors, sealed memory files,
 * descriptors over sockets, futexes. Linux. Functions return 0 or a count, or -errno; every one is thread-safe. */
#ifndef CPROCESS_H
#define CPROCESS_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CPROCESS_MAX_DESCRIPTORS 253 /* SCM_MAX_FD: what one message can carry */

typedef struct cprocess_spawn {
  const char *path;             /* absolute, or looked up in PATH when it has no slash */
  const char *const *arguments; /* NULL-terminated, the name first */
  const char *const *variables; /* NULL-terminated "name=value" */
  const char *directory;        /* working directory, or NULL: this process's */
  /* The child's descriptor i is a copy of descriptors[i], or /dev/null for -1; all others are closed. */
  const int *descriptors;
  int descriptor_count;
  int own_group; /* 1: the child leads a process group of its own, so that its children can be killed with it */
} cprocess_spawn;

/* Starts a child with default signal dispositions and an empty signal mask. All children are started by one thread
 * that never ends: a child that asks for a signal at its parent's death (PR_SET_PDEATHSIG) means that thread, not
 * whichever thread happened to need a worker. `pidfd` is closed on exec and owned by the caller. */
int cprocess_start(const cprocess_spawn *request, pid_t *pid, int *pidfd);

/* A memory file of `size` bytes (close-on-exec, sealable), or -errno. */
int cprocess_memory_file(const char *name, uint64_t size);
/* Makes a memory file immutable for good; no writable mapping may exist. */
int cprocess_seal(int descriptor);
/* 1: a memory file that nobody can write or shrink any more. */
int cprocess_is_sealed(int descriptor);

/* A connected pair of SOCK_SEQPACKET sockets, close-on-exec. */
int cprocess_socket_pair(int out[2]);
/* A pipe, close-on-exec, whose read end out[0] does not block. */
int cprocess_pipe(int out[2]);

/* Sends two pieces as one packet with descriptors; never blocks (-EAGAIN) and never raises SIGPIPE (-EPIPE). */
ssize_t cprocess_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
                      const int *descriptors, int descriptor_count);
/* Receives one packet; never blocks (-EAGAIN); 0: the other side is gone; -EMSGSIZE: it did not fit, in which case
 * its descriptors are closed. `descriptors` has room for CPROCESS_MAX_DESCRIPTORS and receives close-on-exec ones. */
ssize_t cprocess_receive(int socket, void *buffer, size_t capacity, int *descriptors, int *descriptor_count);

/* An event that poll() sees once it was raised and until it is cleared; never blocks. */
int cprocess_event(void);
void cprocess_event_raise(int event);
void cprocess_event_clear(int event);

/* Wakes everyone, in any process, who waits on this word of shared memory. */
void cprocess_wake(void *word);

/* Gives free memory back to the system, also from the middle of the heap. */
void cprocess_trim_memory(void);

/* An exclusive lock on a whole file, held until every copy of the descriptor is closed; wait 0: -EWOULDBLOCK. */
int cprocess_lock(int descriptor, int wait);

/* Lets this process have up to `wanted` descriptors open, as far as its hard limit allows. */
void cprocess_allow_descriptors(uint64_t wanted);

/* Wall clock and monotonic clock in nanoseconds. */
int64_t cprocess_wall_clock(void);
int64_t cprocess_clock(void);

/* Writes everything to disk that lies on the file system of an open file. 0 or -errno. */
int cprocess_sync_file_system(int descriptor);
/* Lets the disk begin with a part of an open file (count 0: up to its end), without waiting. Promises nothing. */
void cprocess_begin_writing(int descriptor, int64_t offset, int64_t count);

/* The name of a signal ("SIGSEGV") or NULL. */
const char *cprocess_signal_name(int number);

/* Words of memory shared with another process. */
static inline uint64_t cprocess_load64(const void *at) { return __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE); }
static inline int32_t cprocess_load32(const void *at) { return __atomic_load_n((const int32_t *)at, __ATOMIC_ACQUIRE); }
static inline void cprocess_store32(void *at, int32_t value) { __atomic_store_n((int32_t *)at, value, __ATOMIC_RELEASE); }
static inline void cprocess_fence(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

/* The file system that holds `path`: its number in <linux/magic.h>, and the bytes that this user may still write. 0 or -errno. */
int cprocess_filesystem(const char *path, uint64_t *kind, uint64_t *free_bytes);

#endif
