/* What guards commands, one after the other: a guardian, and a folder for temporary files that is empty before each. */
#ifndef GUARD_H
#define GUARD_H
#include "guardian.h"
#include <dirent.h>

typedef struct guard {
  struct guard *next;
  pid_t guardian;
  int socket;      /* to the guardian; a verdict can be read from it when the command has ended */
  char *temporary; /* the folder, or NULL: it could not be emptied after the last command */
  DIR *directory;
  ino_t inode;
} guard;

typedef struct command {
  char *const *arguments;   /* NULL-terminated; a program without `/` is looked for in the command's own PATH */
  char *const *environment; /* NULL-terminated, complete */
  const char *folder;       /* where it runs */
  int output, error, input; /* its standard descriptors; input -1: it is empty */
} command;

/* A guard that nobody uses, or a new one; temporary files go beside `folder`. 0 or an errno. [any thread] */
int guard_take(const char *folder, guard **out);
/* Starts a command with copies of its descriptors. 0 or an errno. */
int guard_start(guard *g, const command *c);
/* GUARDIAN_TERMINATE: all that the command has started is asked to end; GUARDIAN_KILL: it is killed. */
void guard_tell(guard *g, uint32_t word);
/* Reads the verdict; that of the guardian when it is gone. */
verdict guard_verdict(guard *g);
/* Gives it back: nothing of the last command is left, neither processes nor temporary files. */
void guard_give(guard *g);
/* Ends all that are not in use. */
void guard_end_all(void);
#endif
