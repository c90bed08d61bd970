/* A command under guard: whatever it starts ends with it. */
#ifndef GUARDIAN_H
#define GUARDIAN_H
#include <sys/types.h>

typedef struct command {
  char *const *arguments;   /* NULL-terminated; a program without `/` is looked for in the command's own PATH */
  char *const *environment; /* NULL-terminated, complete */
  const char *folder;       /* where it runs */
  int input, output, error; /* its standard descriptors */
} command;

/* What the guardian says in the end. */
typedef struct verdict {
  int errno_of_start; /* not 0: the command could not be started */
  int status;         /* as of waitpid */
} verdict;

/* A process between the worker and the command. It belongs to the worker's process group, so that it dies with it; all
 * that the command starts, in whatever group or session, are its descendants (it is their subreaper), and it kills what is
 * left of them when the command has ended. */
typedef struct guardian {
  pid_t process;
  int control; /* write 'T': all are asked to end; closed, or anything else: all are killed */
  int verdict; /* one `verdict`, then the end of file */
} guardian;

/* Starts a command; 0 or an errno. Async-signal-safe work only between fork and exec: the caller may have threads. */
int guardian_start(const command *c, guardian *out);
/* Waits for the guardian and closes its descriptors. */
void guardian_end(guardian *g);
#endif
