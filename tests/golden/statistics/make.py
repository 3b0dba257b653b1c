# Values for tests/core/evaluation/statistics.test.ts, by other ways than the code's: Wilson's interval by inverting the score test
# with bisection, and the exact quantiles of what a bootstrap of zeros and ones draws (a binomial). Python's standard library alone.
# python3 tests/golden/statistics/make.py > tests/golden/statistics/values.json
import json
from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)


def edge(successes, tasks, side):
    share = successes / tasks
    low, high = (0.0, share) if side == "low" else (share, 1.0)
    for _ in range(200):
        middle = (low + high) / 2
        score = abs(share - middle) / sqrt(max(middle * (1 - middle) / tasks, 1e-300))
        if (score > Z) == (side == "low"):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def quantile(successes, tasks, share):
    p = Fraction(successes, tasks)
    total = Fraction(0)
    for k in range(tasks + 1):
        total += comb(tasks, k) * p**k * (1 - p) ** (tasks - k)
        if total >= Fraction(share):
            return k / tasks
    return 1.0


print(json.dumps({
    "wilson": [{"successes": k, "tasks": n, "low": edge(k, n, "low") if k else 0.0, "high": edge(k, n, "high") if k < n else 1.0}
               for k, n in [(0, 40), (1, 40), (3, 40), (19, 40), (36, 40), (40, 40), (5, 7), (140, 200)]],
    "bootstrap": [{"successes": k, "tasks": n, "low": quantile(k, n, "0.025"), "high": quantile(k, n, "0.975")}
                  for k, n in [(3, 40), (19, 40), (36, 40), (5, 7)]],
}, indent=1))
