// Adam by hand: answers lines "adam count size" with the milliseconds of a step, in place, over vectors that are kept.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void step(float *restrict p, float *restrict m, float *restrict v, const float *restrict g, long n, long t) {
  const float eta = 1e-3f, b1 = 0.9f, b2 = 0.999f, eps = 1e-8f;
  const float r1 = 1 / (1 - powf(b1, t)), r2 = 1 / (1 - powf(b2, t));
  for (long i = 0; i < n; i++) {
    m[i] = b1 * m[i] + (1 - b1) * g[i];
    v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
    p[i] -= eta * (m[i] * r1) / (sqrtf(v[i] * r2) + eps);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

int main(void) {
  float *p = 0, *m = 0, *v = 0, *g = 0;
  long size = 0, count, n, t = 0;
  puts("C");
  fflush(stdout);
  while (scanf(" adam %ld %ld", &count, &n) == 2) {
    if (n != size) {
      free(p), free(m), free(v), free(g);
      p = malloc(4 * n), m = calloc(n, 4), v = calloc(n, 4), g = malloc(4 * n);
      for (long i = 0; i < n; i++) p[i] = g[i] = sinf(i);
      size = n, t = 0;
    }
    const double start = now();
    for (long i = 0; i < count; i++) step(p, m, v, g, n, ++t);
    printf("%.9g\n", (now() - start) / count);
    fflush(stdout);
  }
}
