/* What storing files costs at least: read, SHA-256, write under a temporary name, fsync, rename; one fsync of each directory
 * at the end. loop SOURCE TARGET [FILES]: SOURCE is a file or a directory of files; prints seconds. With FILES, so many files
 * are written before they are synchronised together (syncfs), renamed, and synchronised again: what the store does. */
#define _GNU_SOURCE
#include "cdigest.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static unsigned char buffer[1 << 20];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Files that have no name yet. */
static struct waiting {
  char temporary[4200], name[4200];
} *waiting;
static int held, batch = 1;

/* Gives them their names. */
static void flush(const char *target) {
  if (held == 0) return;
  int root = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 || (batch > 1 && syncfs(root))) fail(target);
  for (int i = 0; i < held; i++)
    if (rename(waiting[i].temporary, waiting[i].name)) fail(waiting[i].name);
  if (batch > 1 && syncfs(root)) fail(target);
  close(root);
  held = 0;
}

static void put(const char *source, const char *target) {
  struct waiting *this = &waiting[held];
  snprintf(this->temporary, sizeof this->temporary, "%s/tmp%d", target, held);
  int in = open(source, O_RDONLY | O_CLOEXEC);
  int out = open(this->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (in < 0 || out < 0) fail(source);
  cdigest_sha256 digest;
  cdigest_sha256_init(&digest);
  ssize_t n;
  while ((n = read(in, buffer, sizeof buffer)) > 0) {
    cdigest_sha256_update(&digest, buffer, (size_t)n);
    if (write(out, buffer, (size_t)n) != n) fail(this->temporary);
  }
  if (n < 0 || (batch == 1 && fsync(out))) fail(source);
  close(in);
  close(out);
  unsigned char sum[32];
  cdigest_sha256_final(&digest, sum);
  int length = snprintf(this->name, sizeof this->name, "%s/%02x/", target, sum[0]);
  for (int i = 1; i < 32; i++)
    length += snprintf(this->name + length, sizeof this->name - (size_t)length, "%02x", sum[i]);
  if (++held == batch) flush(target);
}

int main(int count, char **arguments) {
  if (count != 3 && count != 4) return 2;
  if (count == 4) batch = atoi(arguments[3]);
  if (batch < 1 || !(waiting = calloc((size_t)batch, sizeof *waiting))) return 2;
  const char *source = arguments[1], *target = arguments[2];
  char path[4200];
  mkdir(target, 0755);
  for (int i = 0; i < 256; i++) {
    snprintf(path, sizeof path, "%s/%02x", target, i);
    mkdir(path, 0755);
  }
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  struct stat status;
  if (stat(source, &status)) fail(source);
  if (S_ISDIR(status.st_mode)) {
    DIR *directory = opendir(source);
    if (!directory) fail(source);
    for (struct dirent *entry; (entry = readdir(directory));) {
      if (entry->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%s/%s", source, entry->d_name);
      put(path, target);
    }
    closedir(directory);
  } else {
    put(source, target);
  }
  flush(target);
  for (int i = 0; i < 256; i++) {
    snprintf(path, sizeof path, "%s/%02x", target, i);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY);
    if (descriptor < 0 || fsync(descriptor)) fail(path);
    close(descriptor);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
