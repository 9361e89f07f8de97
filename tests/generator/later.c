/* A clock of the wall that is 400 days ahead, for whatever a program is made of: preloaded, it answers in libc's place. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

enum { AHEAD = 400 * 86400 };

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, now);
  if (!failed && clock == CLOCK_REALTIME) now->tv_sec += AHEAD;
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec got;
  int failed = clock_gettime(CLOCK_REALTIME, &got);
  now->tv_sec = got.tv_sec;
  now->tv_usec = got.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *kept) {
  struct timespec got;
  clock_gettime(CLOCK_REALTIME, &got);
  if (kept) *kept = got.tv_sec;
  return got.tv_sec;
}
