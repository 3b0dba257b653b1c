// Tables of bench/losses.mjs as Markdown: where each arm ends, its paired difference from cross entropy, its curves, its chat.

const KINDS = ['reason', 'act', 'final']
/** Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const deviation = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean(numbers)) ** 2, 0) / (numbers.length - 1))
const spread = (numbers, digits = 3) =>
  numbers.length > 1 ? `${mean(numbers).toFixed(digits)} ± ${deviation(numbers).toFixed(digits)}` : mean(numbers).toFixed(digits)
const signed = (x, digits) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(digits)}`
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** What is measured at the end of a run; `better` is the sign of an improvement. */
const MEASURES = [
  ...KINDS.map((kind) => ({ name: `${kind} nll`, of: ({ curve }) => curve.at(-1).byKind[kind].nll, digits: 3, better: -1 })),
  { name: 'ACT accuracy, %', of: ({ curve }) => 100 * curve.at(-1).byKind.act.accuracy, digits: 1, better: 1 },
  { name: 'chat nll', of: ({ chat }) => chat, digits: 3, better: -1 },
]

/** Mean of the paired differences with half of its 95 % interval, and whether zero lies outside; of fewer than three each alone. */
function paired(runs, baseline, { of, digits, better }) {
  const differences = runs.flatMap((run) => {
    const other = baseline.find(({ seed }) => seed === run.seed)
    return other ? [of(run) - of(other)] : []
  })
  // Two pairs may agree by chance to every digit: a verdict takes three.
  if (differences.length < 3) return differences.map((x) => signed(x, digits)).join(', ')
  const half = ((T95[differences.length - 2] ?? 1.96) * deviation(differences)) / Math.sqrt(differences.length)
  const middle = mean(differences)
  const word = Math.abs(middle) <= half ? 'no difference beyond seeds' : middle * better > 0 ? '**helps**' : '**hurts**'
  return `${signed(middle, digits)} ± ${half.toFixed(digits)}: ${word}`
}

/** All that `results` holds, the first arm being what the others are compared with. */
export function printTables({ base, runs }, arms) {
  const of = (key) => runs.filter(({ arm }) => arm === key)
  const present = arms.filter(({ key }) => of(key).length > 0)
  const [reference, ...others] = present
  if (!reference) return 'no runs'
  const before = of(reference.key)[0].curve[0]
  const start = [...KINDS.map((kind) => before.byKind[kind].nll.toFixed(3)), (100 * before.byKind.act.accuracy).toFixed(1), base.nll.toFixed(3)]
  const ends = table(
    ['arm', 'seeds', ...MEASURES.map(({ name }) => name), 's of steps'],
    [
      ['before', '', ...start, ''],
      ...present.map(({ key, label }) => [
        label, of(key).length, ...MEASURES.map(({ of: value, digits }) => spread(of(key).map(value), digits)), mean(of(key).map(({ seconds }) => seconds)).toFixed(0),
      ]),
    ],
  )
  const differences = table(
    [`against ${reference.label}`, ...MEASURES.map(({ name }) => name)],
    others.map(({ key, label }) => [label, ...MEASURES.map((measure) => paired(of(key), of(reference.key), measure))]),
  )
  const point = (key, which) => (kind) => mean(of(key).map(({ curve }) => curve.at(which(curve.length)).byKind[kind].nll)).toFixed(3)
  const curves = table(
    ['nll at the first, middle, last point', ...KINDS],
    present.map(({ key, label }) => [
      label, ...KINDS.map((kind) => [() => 0, (n) => Math.floor(n / 2), () => -1].map((which) => point(key, which)(kind)).join(', ')),
    ]),
  )
  return [ends, differences, curves].join('\n\n')
}
