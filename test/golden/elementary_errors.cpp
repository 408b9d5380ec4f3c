// Reads columns of 2²⁰ arguments and values, again and again, and writes the largest error of the values in units in the last place:
// `elementary_errors exp f64` holds doubles to libquadmath, `elementary_errors exp f32` floats to the C library's functions
// of doubles, which are off by a hundred-millionth of a unit of f32. `elementary_errors.ts` runs it.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <quadmath.h>
#include <vector>

using quad = __float128;

// The value for f32, or that for f64; `own` is what is measured.
struct Function {
  const char *name;
  int arity;
  double (*narrow)(double x, double y, double own);
  quad (*wide)(quad x, quad y, quad own);
};

// A step of Halley's method doubles the digits that are right, and more.
template <typename T> T halley(T y, T x, T erf, T erfc, T slope) {
  T step = (y < T(0.5) ? erf - y : (1 - y) - erfc) / slope;
  return x - step / (1 + x * step);
}

double inverse(double y, double own) {
  double size = std::fabs(y), x = std::fabs(own);
  if (!(size < 1) || y == 0) return size == 1 ? y * INFINITY : size > 1 ? NAN : y;
  return std::copysign(halley(size, x, erf(x), erfc(x), M_2_SQRTPI * exp(-x * x)), y);
}

quad inverse(quad y, quad own) {
  quad size = fabsq(y), x = fabsq(own);
  if (!(size < 1) || y == 0) return size == 1 ? y * INFINITY : size > 1 ? NAN : y;
  return copysignq(halley(size, x, erfq(x), erfcq(x), M_2_SQRTPIq * expq(-x * x)), y);
}

#define UNARY(f) {#f, 1, [](double x, double, double) { return f(x); }, [](quad x, quad, quad) { return f##q(x); }}
#define BINARY(f) {#f, 2, [](double x, double y, double) { return f(x, y); }, [](quad x, quad y, quad) { return f##q(x, y); }}

const Function functions[] = {
    UNARY(exp), UNARY(expm1), UNARY(log), UNARY(log1p), UNARY(sin), UNARY(cos), UNARY(tan), UNARY(atan), UNARY(tanh), UNARY(erf),
    UNARY(sqrt), BINARY(pow), BINARY(atan2),
    {"sigmoid", 1, [](double x, double, double) { return 1 / (1 + exp(-x)); }, [](quad x, quad, quad) { return 1 / (1 + expq(-x)); }},
    {"erfInv", 1, [](double y, double, double own) { return inverse(y, own); }, [](quad y, quad, quad own) { return inverse(y, own); }},
};

int exponent(double x) { return std::ilogb(x); }
int exponent(quad x) { return ilogbq(x); }
double scaled(double x, int k) { return std::scalbn(x, k); }
double scaled(quad x, int k) { return double(scalbnq(x, k)); }

struct Worst {
  double error = 0, row[2] = {NAN, NAN};
};

void print(const char *kind, int arity, const Worst &worst) {
  if (worst.error == 0) return;
  printf("; %s: %.8f at %.17g", kind, worst.error, worst.row[0]);
  if (arity == 2) printf(", %.17g", worst.row[1]);
}

template <typename Float, typename Wide, typename F> void measure(int arity, F truth) {
  using Limits = std::numeric_limits<Float>;
  Worst normal, subnormal;
  long rows = 0, other = 0, wrong = 0;
  const size_t length = 1 << 20;
  std::vector<Float> columns(length * (arity + 1));
  for (; fread(columns.data(), sizeof(Float), columns.size(), stdin) == columns.size(); rows += length)
    for (size_t i = 0; i < length; i++) {
      const Float x = columns[i], y = columns[length * (arity - 1) + i], own = columns[length * arity + i];
      const Wide value = truth(x, y, own);
      const Float nearest = Float(value);
      if (sizeof(Float) < sizeof(double) && own == nearest && own != 0) continue; // Half a unit at most: nothing to measure.
      if (nearest == 0 || !std::isfinite(nearest) || !std::isfinite(own)) {
        const bool same = std::isnan(nearest) ? std::isnan(own) : own == nearest && std::signbit(own) == std::signbit(nearest);
        // What rounds to 0 or to infinity may be next to it, within the same bound.
        if (same || (nearest == 0 && value != 0 && std::fabs(own) == Limits::denorm_min())) continue;
        if (wrong++ < 5) printf("  wrong at %.17g %.17g: %.17g, not %.17g\n", double(x), double(y), double(own), double(nearest));
        continue;
      }
      other += own != nearest;
      const int e = exponent(value);
      const bool isSubnormal = e < Limits::min_exponent - 1;
      Worst &worst = isSubnormal ? subnormal : normal;
      const double error = std::fabs(scaled(Wide(own) - value, Limits::digits - 1 - (isSubnormal ? Limits::min_exponent - 1 : e)));
      if (error > worst.error) worst = {error, {double(x), double(y)}};
    }
  printf("  %ld rows, %ld wrong, %ld not the nearest", rows, wrong, other);
  print("normal", arity, normal);
  print("subnormal", arity, subnormal);
  printf("\n");
}

int main(int, char **given) {
  for (const auto &f : functions)
    if (!strcmp(given[1], f.name)) {
      if (strcmp(given[2], "f32")) measure<double, quad>(f.arity, f.wide);
      else measure<float, double>(f.arity, f.narrow);
      return 0;
    }
  return 1;
}
