/*
 * Preloaded into a worker: holds up its first rename of, or to, a file whose path ends in PAUSE_AT, until it may go on.
 * It declares what it calls, so that a compiler is all that it takes to build it.
 */
typedef unsigned long size_t;
void *dlsym(void *handle, const char *name);
char *getenv(const char *name);
size_t strlen(const char *text);
int strcmp(const char *one, const char *other);
int access(const char *path, int mode);
int creat(const char *path, unsigned mode);
int close(int file);
int usleep(unsigned microseconds);

static void *const next = (void *)-1;
static int wasPaused = 0;

static int endsIn(const char *path, const char *end) {
  size_t length = strlen(path), endLength = strlen(end);
  return length >= endLength && strcmp(path + length - endLength, end) == 0;
}

int rename(const char *from, const char *to) {
  int (*proceed)(const char *, const char *) = dlsym(next, "rename");
  const char *at = getenv("PAUSE_AT"), *paused = getenv("PAUSED"), *goOn = getenv("GO_ON");
  if (at && paused && goOn && (endsIn(from, at) || endsIn(to, at)) && !__sync_lock_test_and_set(&wasPaused, 1)) {
    close(creat(paused, 0600));
    while (access(goOn, 0) != 0) usleep(5000);
  }
  return proceed(from, to);
}
