// Code for agents: what a block says, what it leaves behind, what it cannot reach, and how it is stopped.
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { codeObservation, openCode } from '../../../src/engine/tools/code.ts'
import { withVar } from '../../../src/engine/tools/codeDeclarations.ts'
import type { CodeImage } from '../../../src/engine/tools/codeImage.ts'
import { createCodeMachine } from '../../../src/engine/tools/runCode.ts'

const machines = Promise.all([createCodeMachine(), createCodeMachine()])

/** Blocks one after the other, as one episode, each in the other of two interpreters. */
function episode(start: CodeImage | null = null) {
  let image = start
  let turn = 0
  return {
    image: () => image,
    say: async (code: string, seconds = 5) => {
      const machine = (await machines)[turn++ % 2]!
      const result = await machine.run({ code, image, seconds, mostOutput: 200 })
      if (result.image) image = result.image
      return codeObservation(result)
    },
  }
}

test('what is printed comes first, then the value of the last line or the error; a block without either says so', async () => {
  const { say } = episode()
  expect(await say('console.log("a", 5, [1, { x: 2n }], new Map([[1, null]])); print(0.1 + 0.2); 7 * 6')).toEqual({ status: 'ok', text: 'a 5 [1,{"x":"2"}] [[1,null]]\n0.30000000000000004\n42' })
  expect(await say('const x = 5')).toEqual({ status: 'ok', text: 'Nothing was printed.' })
  expect(await say('print("before")\n\nnull.x')).toEqual({ status: 'failed', text: "before\nTypeError: cannot read property 'x' of null (line 3)" })
  expect(await say('let (')).toMatchObject({ status: 'failed', text: expect.stringContaining('SyntaxError') })
  expect(await say('throw { code: 5 }')).toEqual({ status: 'failed', text: 'thrown: {"code":5}' })
  expect(await say('async function later() { await null; print("in"); return 5 }\nlater()')).toEqual({ status: 'ok', text: 'in\n5' })
  expect(await say('(async () => { throw new TypeError("no") })()')).toEqual({ status: 'failed', text: 'TypeError: no (line 1)' })
})

test('an answer that is handed in ends the episode, also within try, and what follows it does not run', async () => {
  const { say } = episode()
  expect(await say('print(1); final_answer(6 * 7); print(2)')).toEqual({ status: 'ok', text: '1', ends: { answer: '42' } })
  expect(await say('for (;;) { try { final_answer({ a: [1] }) } catch {} }')).toMatchObject({ ends: { answer: '{"a":[1]}' } })
  expect(await say('final_answer()')).toMatchObject({ status: 'failed', text: expect.stringContaining('final_answer needs the answer') })
})

test('variables, functions and chance go on from block to block, in any interpreter, and a block may declare a name again', async () => {
  const whole = episode()
  const { say } = episode()
  await say('const n = 5; let add = (a) => a + n; class Pair { constructor(a) { this.a = a } }')
  await say('const n = 6; var list = [add(1), new Pair(2).a]')
  expect(await say('list.push(Math.random(), Math.random()); JSON.stringify(list)')).toEqual(await whole.say('JSON.stringify([7, 2, Math.random(), Math.random()])'))
  await say('list.length = 1; undefinedThing()')
  expect(await say('list.length')).toMatchObject({ text: '1' })
})

test('a copy is the same value, and neither sees what the other does', async () => {
  const live = episode()
  await live.say('var box = { items: [1] }; function put(x) { box.items.push(x); return box.items.length }')
  const copy = episode(live.image())
  expect(await copy.say('put(2); put(3)')).toMatchObject({ text: '3' })
  expect(await live.say('put(9); box')).toMatchObject({ text: '{"items":[1,9]}' })
  expect(await copy.say('box')).toMatchObject({ text: '{"items":[1,2,3]}' })
})

test('a block that is interrupted, or takes all memory or stack, is told and undone', async () => {
  const { say } = episode()
  await say('var kept = 1')
  for (const endless of ['kept = 2; while (true) {}', 'async function f() { for (;;) await 1 }\nkept = 2; f()', 'kept = 2; /(a+)+$/.test("a".repeat(40) + "b")', '({ toJSON() { kept = 2; for (;;); } })']) {
    expect(await say(endless, 0.1), endless).toEqual({ status: 'failed', text: 'interrupted after 0.1 s' })
  }
  expect(await say('kept = 2; const all = []; for (;;) all.push(new Array(1000).fill(1))')).toMatchObject({ status: 'failed', text: expect.stringContaining('out of memory') })
  expect(await say('kept = 2; eval("(a".repeat(20000))')).toMatchObject({ status: 'failed' })
  expect(await say('kept')).toMatchObject({ text: '1' })
  expect(await say('const deep = () => deep() + 1; deep()')).toMatchObject({ status: 'failed', text: expect.stringContaining('stack overflow') })
  expect(await say('const bytes = new Uint8Array(40e6); bytes[39e6] = 7; kept')).toMatchObject({ text: '1' })
  expect(await say('bytes[39e6] + bytes.length')).toMatchObject({ text: '40000007' })
})

test('output is limited, and what is left out is counted', async () => {
  const { say } = episode()
  expect((await say('for (let i = 0; i < 100; i++) print("123456789")')).text).toMatch(/^(123456789\n){20}\[800 more characters printed\]$/)
})

test('a value, an answer and an error are limited, too', async () => {
  const { say } = episode()
  expect((await say('"a".repeat(5e6)')).text).toMatch(/^a{200}\[4999800 more characters\]$/)
  expect((await say('throw new Error("b".repeat(5e6))')).text).toMatch(/^Error: b{193}\[\d+ more characters\]$/)
  expect((await say('final_answer("c".repeat(5e6))')).ends?.answer).toMatch(/^c{200}\[4999800 more characters\]$/)
  expect((await say('print("d".repeat(5e6))')).text).toMatch(/^d{200}\[4999801 more characters printed\]$/)
})

test('there is no way out, no clock, and no chance that is not from the seed', async () => {
  const { say } = episode()
  for (const name of ['process', 'require', 'fetch', 'setTimeout', 'performance', 'std', 'os', 'Deno', 'WebAssembly', 'XMLHttpRequest']) expect(await say(`typeof ${name}`), name).toMatchObject({ text: 'undefined' })
  expect((await say('import("node:fs")')).status).toBe('failed')
  expect((await say('this.constructor.constructor("return process")()')).text).toContain("'process' is not defined")
  expect(await say('[new Date().toISOString(), Date.now(), new Date(0).constructor.now(), Date().slice(0, 15)]')).toMatchObject({ text: '["2026-01-01T00:00:00.000Z",1767225600000,1767225600000,"Thu Jan 01 2026"]' })
  // Code that spoils what it finds spoils its own results at most.
  expect(await say('Array = null; JSON.stringify = null; Object.defineProperty = null; Math = null; print([1])')).toMatchObject({ text: '[1]' })
})

test('a block may declare a class, or a function, again, and its classes are there for the next', async () => {
  const { say } = episode()
  await say('class A { f() { return 1 } }')
  expect(await say('class A extends Array { f() { return 2 } }\n;[1, 2].length; (new A()).f()')).toMatchObject({ status: 'ok', text: '2' })
  expect(await say('class A {}\n(1, 5)')).toMatchObject({ status: 'ok', text: '5' })
  expect(await say('class A { static n = 3 }\n[A.n, A.name]')).toMatchObject({ text: '[3,"A"]' })
  await say('function g() { return 1 }')
  expect(await say('const h = 1; function g() { return 2 }\ng()')).toMatchObject({ text: '2' })
  expect(await say('function h() { return 5 }\nh()')).toMatchObject({ text: '5' })
})

test.each([
  ['class A { b = {} }\n[1]', 'var A = class A { b = {} };\n[1]'],
  ['let x = 1 // one\nclass A extends f({ a: 1 }) { let() {} }; class B {}', 'var x = 1 // one\nvar A = class A extends f({ a: 1 }) { let() {} };; var B = class B {};'],
  ['const K = class A {}; f(class B {}); x =\nclass C {}', 'var   K = class A {}; f(class B {}); x =\nclass C {}'],
  ['if (a) { class A {} } class B {} /* ; */ class C {}', 'if (a) { class A {} } var B = class B {}; /* ; */ var C = class C {};'],
  ['o.class = 1; const class_ = `class A {}`', 'o.class = 1; var   class_ = `class A {}`'],
  ['const a = 1\nlet b = 2', 'var   a = 1\nvar b = 2'],
  ['const { a, b: [c] } = f()', 'var   { a, b: [c] } = f()'],
  ['for (const x of y) { let z = x }', 'for (const x of y) { let z = x }'],
  ['const s = `const ${(() => { const t = `}`; return t })()} let x`; const u = 1', 'var   s = `const ${(() => { const t = `}`; return t })()} let x`; var   u = 1'],
  ['// const a\n/* let b */ const c = "const d" + \'let e\'', '// const a\n/* let b */ var   c = "const d" + \'let e\''],
  ['const r = /[/"`{]const x/.test(s); let q = 4 / 2 / const_', 'var   r = /[/"`{]const x/.test(s); var q = 4 / 2 / const_'],
  ['o.const = let_; let = 5; constant = 1', 'o.const = let_; let = 5; constant = 1'],
])('declarations of a block of its own level are var: %s', (code, expected) => {
  expect(withVar(code)).toBe(expected)
})

test('in a process: the call of an agent, its copy, and a stop that nothing within can prevent', async () => {
  const tool = openCode({ seconds: 60 })
  onTestFinished(tool.dispose)
  const toolbox = createToolbox([tool.kit()], systemClock)
  const say = (box: Toolbox, code: string, seconds = 20, name = 'js') => {
    const prepared = box.prepare({ name, argument: code, form: 'brackets' })
    return 'status' in prepared ? prepared : box.run(prepared, { seconds, signal: new AbortController().signal })
  }
  expect(await say(toolbox, 'var k = 41', 20, '')).toMatchObject({ status: 'ok' })
  const copy = await toolbox.copy()
  expect(await say(copy, 'k += 10')).toMatchObject({ text: '51' })
  expect(await say(toolbox, 'k = 0; while (true) {}', 0.3)).toEqual({ status: 'timed-out', text: 'javascript gave no answer within 0.3 s.' })
  expect(await say(toolbox, 'k += 1')).toMatchObject({ status: 'ok', text: '42' })
})
