/* main() for a target without libFuzzer: feeds it the files of the directories that it is given, once each. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static int feed(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  static uint8_t buffer[1 << 20];
  size_t n = fread(buffer, 1, sizeof buffer, file);
  fclose(file);
  uint8_t *exact = malloc(n ? n : 1); /* so that one byte too far is seen */
  if (!exact) abort();
  memcpy(exact, buffer, n);
  LLVMFuzzerTestOneInput(exact, n);
  free(exact);
  return 1;
}

int main(int count, char **arguments) {
  int fed = 0;
  LLVMFuzzerInitialize(&count, &arguments);
  for (int i = 1; i < count; i++) {
    DIR *directory = opendir(arguments[i]);
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%s", arguments[i], entry->d_name);
      if (entry->d_name[0] != '.') fed += feed(path);
    }
    if (directory) closedir(directory);
  }
  printf("%d inputs\n", fed);
  return 0;
}
