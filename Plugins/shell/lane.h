/* Where commands run one after the other: a guardian, and a folder for temporary files that is empty before each. */
#ifndef LANE_H
#define LANE_H
#include "guardian.h"
#include <dirent.h>

typedef struct lane {
  struct lane *next;
  pid_t guardian;
  int socket;      /* to the guardian; a verdict can be read from it when the command has ended */
  char *temporary; /* the folder, or NULL: it could not be emptied after the last command */
  DIR *directory;
  ino_t inode;
} lane;

typedef struct command {
  char *const *arguments;   /* NULL-terminated; a program without `/` is looked for in the command's own PATH */
  char *const *environment; /* NULL-terminated, complete */
  const char *folder;       /* where it runs */
  int output, error, input; /* its standard descriptors; input -1: it is empty */
} command;

/* A lane that nobody uses, or a new one; temporary files go beside `folder`. 0 or an errno. [any thread] */
int lane_take(const char *folder, lane **out);
/* Starts a command; what can be written to its descriptors is the lane's own copy. 0 or an errno. */
int lane_start(lane *l, const command *c);
/* GUARDIAN_TERMINATE: all that the command has started is asked to end; GUARDIAN_KILL: it is killed. */
void lane_tell(lane *l, uint32_t word);
/* Reads the verdict; that of the guardian when it is gone. */
verdict lane_verdict(lane *l);
/* Gives it back: nothing of the last command is left, neither processes nor temporary files. */
void lane_give(lane *l);
/* Ends all that are not in use. */
void lane_end_all(void);
#endif
