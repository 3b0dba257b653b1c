// Tools: exact arithmetic, arguments as agents write them, states that can be copied.
import { expect, test } from 'vitest'
import { calculatorKit, createToolbox, recordedKit, type Toolbox } from '../../../src/core/agent/index.ts'
import { counterKit } from '../../support/episodes.ts'
import { manualClock } from '../../support/manualClock.ts'

const never = new AbortController().signal

async function call(toolbox: Toolbox, name: string, argument: string, form: 'brackets' | 'parentheses' | 'json' = 'brackets') {
  const prepared = toolbox.prepare({ name, argument, form })
  return 'status' in prepared ? prepared : toolbox.run(prepared, { seconds: 1, signal: never })
}

test.each([
  ['852948/684+27119', '28366'],
  ['(267*223)*371', '22089711'],
  ['123456789123456789*987654321', '121932631234567900112635269'],
  ['0.1+0.2', '0.3'],
  ['1/3', '0.333333333333'],
  ['2/3 - 1', '-0.333333333333'],
  ['1/3000', '0.000333333333333'],
  ['10/4', '2.5'],
  ['-2^2', '-4'],
  ['2**-2', '0.25'],
  ['2^3^2', '512'],
  ['-7//2', '-4'],
  ['-7 % 3', '2'],
  ['5! - 4!', '96'],
  ['1,234,567 + 1_000', '1235567'],
  ['min(3, 1,000)', '0'],
  ['max(3, 1)', '3'],
  ['round(2.5) + round(-2.5)', '0'],
  ['round(1234.567, -2)', '1200'],
  ['sqrt(16/9)*3', '4'],
  ['9 ^ 0.5', '3'],
  ['lcm(4, 6) + gcd(12, 18)', '18'],
  ['3 × 4 ÷ 2 − 1 =', '5'],
  ['1^100000000', '1'],
  ['2+3=*4', '20'],
  ['2+3=*4+1=/3 =', '7'],
  ['10-4=-1', '5'],
  ['3-8=-5', '-5'],
  ['3-8=-5=', '-5'],
  ['3-8=-5*2', '-15'],
  ['3-8=-4', '-9'],
  ['2/3-1=-0.33', '-0.333333333333'],
  ['2/3-1=-0.34', '-0.673333333333'],
  ['2/3-1=-1', '-1.333333333333'],
  ['5*4=+20', '40'],
  ['7=//2=%2', '1'],
])('calc[%s] is %s', async (expression, expected) => {
  expect(await call(createToolbox([calculatorKit()], manualClock()), 'calc', expression)).toMatchObject({ status: 'ok', text: expected })
})

test.each([
  ['1/0', 'division by zero'],
  ['7 8', 'found 8 behind the expression'],
  ['2 apples', 'found apples behind'],
  ['toString(1)', 'found toString, expected a number or one of'],
  ['1;2', 'found ";"'],
  ['(1', 'found the end'],
  ['', 'found the end'],
  ['9^99999', 'too large'],
  ['1e99999', 'exponent'],
  ['9^(9^3)*9^(9^3)*9^(9^3)*9^(9^3)*9^(9^3)', 'too large'],
  ['2000!', 'factorial'],
  ['('.repeat(500), 'levels'],
  ['-'.repeat(500), 'levels'],
  ['sqrt(-1)', 'negative'],
  ['min()', 'expected a number'],
  ['gcd(1/2, 3)', 'integers'],
  ['2+3=5', 'found 5 behind "=", expected an operator'],
  ['2+3==*4', 'found = behind "="'],
  ['(2+3=*4)', 'found =, expected ")"'],
  ['=*4', 'found =, expected a number'],
])('calc[%s] fails: %s', async (expression, words) => {
  expect(await call(createToolbox([calculatorKit()], manualClock()), 'calculator', expression)).toMatchObject({ status: 'failed', text: expect.stringContaining(words) })
})

test('equal numbers have equal values however they are written', async () => {
  const toolbox = createToolbox([calculatorKit()], manualClock())
  const values = await Promise.all(['10/4', '2.50', '5/2'].map(async (text) => (await call(toolbox, 'CALC', text)) as { value?: string }))
  expect(new Set(values.map(({ value }) => value))).toEqual(new Set(['5/2']))
})

test.each([
  ['3', 'brackets', '{"by":3}'],
  ['3, hello there', 'brackets', '{"by":3,"note":"hello there"}'],
  ['note=hi, by=3', 'brackets', '{"by":3,"note":"hi"}'],
  ['3, "a, \\"b\\""', 'parentheses', '{"by":3,"note":"a, \\"b\\""}'],
  ['{"note": "x", "by": 3}', 'brackets', '{"by":3,"note":"x"}'],
  ['{"by": 3}', 'json', '{"by":3}'],
] as const)('arguments %s in %s are %s', (argument, form, expected) => {
  expect(createToolbox([counterKit()], manualClock()).prepare({ name: 'count', argument, form })).toMatchObject({ name: 'count', arguments: expected })
})

test.each([
  ['', 'brackets', 'by: found nothing, expected'],
  ['0', 'brackets', 'by: found number 0, expected at least 1.'],
  ['1, a, b', 'brackets', 'found 3 arguments'],
  ['1.5', 'brackets', 'by: found number 1.5'],
  ['[1]', 'json', 'no JSON object'],
  ['{"by": 1, "x": 2}', 'json', 'found object with keys "by", "x", expected no key "x".'],
] as const)('arguments %s in %s are refused: %s', (argument, form, words) => {
  expect(createToolbox([counterKit()], manualClock()).prepare({ name: 'count', argument, form })).toMatchObject({ status: 'bad-arguments', text: expect.stringContaining(words) })
})

test('a copy has a state of its own', async () => {
  const live = createToolbox([counterKit(), calculatorKit()], manualClock())
  await call(live, 'count', '1')
  const copy = await live.copy()
  expect(await call(copy, 'count', '10')).toMatchObject({ text: 'count 11' })
  expect(await call(live, 'count', '100')).toMatchObject({ text: 'count 101' })
  expect(await call(copy, 'count', '10')).toMatchObject({ text: 'count 21' })
})

test('a call that comes too late leaves no trace in the state', async () => {
  const clock = manualClock()
  const toolbox = createToolbox([counterKit()], clock)
  const prepared = toolbox.prepare({ name: 'count', argument: '5', form: 'brackets' })
  if ('status' in prepared) throw new Error(prepared.text)
  const running = toolbox.run(prepared, { seconds: 1, signal: never })
  clock.advance(1000)
  expect(await running).toEqual({ status: 'timed-out', text: 'count gave no answer within 1 s.' })
  expect(await call(toolbox, 'count', '1')).toMatchObject({ text: 'count 1' })
})

test('two tools of one name are refused', () => {
  expect(() => createToolbox([calculatorKit(), calculatorKit()], manualClock())).toThrow('two tools have one name')
})

test('recorded tools answer equal calls in the order of the recordings, the last staying', async () => {
  const tool = { name: 'open', description: '', parameters: { type: 'object', properties: { door: { type: 'string' }, hard: { type: 'boolean' } } } }
  const said = (text: string) => ({ name: 'open', arguments: '{"door":"a","hard":true}', observation: { status: 'ok', text } as const })
  const toolbox = createToolbox([recordedKit([tool], [said('stuck'), said('it gives')])], manualClock())
  const texts = []
  for (let k = 0; k < 3; k++) texts.push((await call(toolbox, 'open', 'hard=true, door=a')).text)
  expect(texts).toEqual(['stuck', 'it gives', 'it gives'])
  expect(await call(toolbox, 'open', 'b, false')).toMatchObject({ status: 'failed', text: 'Nothing is recorded for open with {"door":"b","hard":false}.' })
})
