# Values for tests/core/evaluation/statistics.test.ts, by other ways than the code's: Wilson's interval by inverting the score test
# with bisection, Newcombe's method 10 from the four counts of a paired table, and exact quantiles of what the bootstraps draw (a
# binomial; for grids of tasks by seeds every draw of seeds, each with the whole distribution of the tasks that are drawn). Python's
# standard library alone.
# python3 tests/golden/statistics/make.py > tests/golden/statistics/values.json
import json
from fractions import Fraction
from itertools import product
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


def limits(successes, tasks):
    return (edge(successes, tasks, "low") if successes else 0.0, edge(successes, tasks, "high") if successes < tasks else 1.0)


def newcombe(both, first, second, neither):
    n = both + first + second + neither
    one, two = both + first, both + second
    determinant = both * neither - first * second
    if determinant > 0:
        determinant = max(determinant - n / 2, 0)
    margins = one * (n - one) * two * (n - two)
    phi = determinant / sqrt(margins) if margins else 0.0
    (l1, u1), (l2, u2) = limits(one, n), limits(two, n)
    p1, p2 = one / n, two / n
    below = sqrt((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2)
    above = sqrt((u2 - p2) ** 2 - 2 * phi * (u2 - p2) * (p1 - l1) + (p1 - l1) ** 2)
    return {"both": both, "first": first, "second": second, "neither": neither, "low": p2 - p1 - below, "high": p2 - p1 + above}


def quantile(successes, tasks, share):
    p = Fraction(successes, tasks)
    total = Fraction(0)
    for k in range(tasks + 1):
        total += comb(tasks, k) * p**k * (1 - p) ** (tasks - k)
        if total >= Fraction(share):
            return k / tasks
    return 1.0


def crossed(grid):
    """Quantiles of the mean over tasks, drawn with replacement, and over one seed less than there are."""
    tasks, seeds = len(grid), len(grid[0])
    all_sums = {}
    for drawn in product(range(seeds), repeat=seeds - 1):
        sums = {0: 1.0}
        for _ in range(tasks):
            following = {}
            for total, weight in sums.items():
                for row in grid:
                    key = total + sum(row[seed] for seed in drawn)
                    following[key] = following.get(key, 0.0) + weight / tasks
            sums = following
        for total, weight in sums.items():
            all_sums[total] = all_sums.get(total, 0.0) + weight / seeds ** (seeds - 1)
    found = []
    for share in (0.025, 0.975):
        mass = 0.0
        for total in sorted(all_sums):
            mass += all_sums[total]
            if mass >= share:
                found.append(total / (tasks * (seeds - 1)))
                break
    return found


def grid_row(first, second):
    difference = [[b - a for a, b in zip(one, two)] for one, two in zip(first, second)]
    share, gain = crossed(second), crossed(difference)
    return {"first": first, "second": second, "share": {"low": share[0], "high": share[1]}, "difference": {"low": gain[0], "high": gain[1]}}


# Seeds of one arm that differ much (0.25, 0.5, 0.8 of 20 tasks), against seeds that hardly do.
APART = [[int(i < 5), int(i < 10), int(i < 16)] for i in range(20)]
ALIKE = [[int(i % 2 == 0), int(i % 2 == 0 or i == 1), int(i % 3 == 0)] for i in range(20)]
TWO = [[int(i < 6), int(i < 9)] for i in range(14)]
TWO_MORE = [[int(i < 12), int(2 <= i < 13)] for i in range(14)]

print(json.dumps({
    "wilson": [{"successes": k, "tasks": n, "low": limits(k, n)[0], "high": limits(k, n)[1]}
               for k, n in [(0, 40), (1, 40), (3, 40), (19, 40), (36, 40), (40, 40), (5, 7), (140, 200)]],
    "newcombe": [newcombe(*table) for table in [(0, 0, 5, 0), (0, 0, 0, 2), (5, 0, 0, 0), (36, 2, 2, 10), (20, 0, 3, 17), (0, 2, 1, 30)]],
    "bootstrap": [{"successes": k, "tasks": n, "low": quantile(k, n, "0.025"), "high": quantile(k, n, "0.975")}
                  for k, n in [(8, 40), (19, 40), (33, 40)]],
    "crossed": [grid_row(ALIKE, APART), grid_row(TWO, TWO_MORE)],
    # Newcombe, Statistics in Medicine 17, 1998, table II: 36, 12, 2, 0 give 0.0569 to 0.3404 for the first less the second.
    "published": newcombe(36, 2, 12, 0),
}, indent=1))
