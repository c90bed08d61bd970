/* The process between a worker and its commands. It starts them one after the other, and none begins before everything that
 * the one before has started is gone: what is left over belongs to the command that has just ended. It is a process because
 * only that can be the subreaper of commands and of nothing else, and because it outlives a worker that is killed. */
#ifndef GUARDIAN_H
#define GUARDIAN_H
#include <stdint.h>
#include <sys/types.h>

/* What it is told, each with this in front. */
enum { GUARDIAN_RUN = 1, GUARDIAN_TERMINATE, GUARDIAN_KILL };
typedef struct guardian_request {
  uint32_t kind;
  /* The rest for RUN. With it come two or three descriptors: standard output, standard error, standard input if there is
   * one. Behind it: the folder, the arguments, the environment, each text with its NUL. */
  uint32_t size, arguments, variables;
} guardian_request;

/* What it says of a command when nothing is left of it. */
typedef struct verdict {
  int errno_of_start; /* not 0: the command could not be started */
  int status;         /* as of waitpid */
} verdict;

/* Makes a guardian, a child of the calling process, which may have threads. It ends with the other end of its socket.
 * 0 or an errno. */
int guardian_make(pid_t *process, int *socket);
#endif
