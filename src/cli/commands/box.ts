// `retort box`: tools that a teacher wrote, verified and kept as a folder that any MCP client can start; and what they are worth.
import { join, resolve } from 'node:path'
import { type BoxBench, type BoxReply, boxReplySchema } from '../../shared/contract/box.ts'
import type { BoxTeacher } from '../../engine/box/index.ts'
import { quoted } from '../../shared/quoted.ts'
import { suiteNameSchema, taskSplitSchema } from '../../shared/records/suite.ts'
import { defineCommand, type CommandContext, type Values } from '../command.ts'
import { floorText, rightText } from '../boxLines.ts'
import { counted, exceededLines, usageText } from '../counted.ts'
import { usageError } from '../parse.ts'
import { budgetOf, LONE_TEACHER_OPTIONS, openedTeacher, pricesOf, refuseIdle, trafficOf } from '../teacherOptions.ts'

const ACTIONS = ['create', 'verify', 'show', 'serve', 'bench'] as const
type Action = (typeof ACTIONS)[number]

const OPTIONS = {
  ...LONE_TEACHER_OPTIONS,
  suite: { kind: 'text', value: 'SUITE', help: 'create: whose training tasks', choices: suiteNameSchema.options, default: 'game24' },
  teacher: { kind: 'text', value: 'T', help: 'create: scripted (no model; game24 alone), the base URL of an endpoint, or a GGUF file', default: 'scripted' },
  student: { kind: 'text', value: 'FILE', help: 'bench: student GGUF (default: the first of the known folders)' },
  tasks: { kind: 'int', value: 'N', help: 'tasks: of training to create from, else of the split', default: 40, min: 1, max: 10_000 },
  'held-out': { kind: 'int', value: 'N', help: 'create: held-out tasks that each tool is verified on', default: 40, min: 1, max: 10_000 },
  split: { kind: 'text', value: 'SPLIT', help: 'verify and bench: which tasks', choices: taskSplitSchema.options, default: 'held-out' },
  seed: { kind: 'int', value: 'K', help: 'seed of the tasks; to verify and to bench, those that the tools were verified on are passed over', default: 0, min: 0 },
  floor: { kind: 'number', value: 'X', help: 'share of held-out tasks that a tool is right on, at least', default: 0.9, min: 0, max: 1 },
  usage: { kind: 'int', value: 'N', help: 'create: training tasks that a tool was written for, at least', default: 2, min: 1 },
  arms: { kind: 'text', value: 'NAMES', help: 'bench: ways to compare, with commas between', default: 'without,retrieval,box' },
  steps: { kind: 'int', value: 'N', help: "bench: turns of an episode at most (default: the suite's own limit)", min: 1 },
  context: { kind: 'int', value: 'N', help: 'bench: tokens of context', default: 2048, min: 256 },
} as const

const refuse = (found: string, expected: string): Error => usageError({ message: 'this cannot be meant', where: 'retort box', found, expected })

function armsOf(text: string): BoxBench['arms'][number]['arm'][] {
  return text.split(',').map((name) => {
    const arm = (['without', 'retrieval', 'box'] as const).find((known) => known === name.trim())
    if (!arm) throw refuse(`--arms ${text}`, 'some of without, retrieval, box')
    return arm
  })
}

async function teacherOf(options: Values<typeof OPTIONS>, context: CommandContext): Promise<BoxTeacher> {
  const { suite, teacher } = options
  const [prices, budget] = [pricesOf(options, 'box'), budgetOf(options, 'box')]
  if (teacher === 'scripted') {
    refuseIdle(options, 'box')
    if (suite !== 'game24') throw refuse(`--teacher scripted with --suite ${suite}`, '--suite game24, or a teacher that is a model')
    return { type: 'scripted' }
  }
  const who = await openedTeacher(options, context, 'box')
  if (who.type === 'expert') throw refuse('--teacher expert', 'scripted, the base URL of an endpoint, or a GGUF file: experts write no tools')
  return { ...who, terms: { prices, budget, traffic: { ...trafficOf(options), concurrency: 1 } } }
}

const RUNS: { readonly [Name in Action]: (folder: string, options: Values<typeof OPTIONS>, context: CommandContext) => Promise<Extract<BoxReply, { action: Name }>> } = {
  async create(folder, options, context) {
    const { engine, out, signal } = context
    const { suite, tasks, floor, usage } = options
    const teacher = await teacherOf(options, context)
    const progress = out.progress('tasks', 'tasks')
    try {
      const { folder: _, usage: paid, ...box } = await engine.createBox({
        folder, suite, tasks, heldOut: options['held-out'], seed: options.seed, floor, usage, teacher, signal,
        onNotice: (text) => out.note(text),
        onProgress: (done, total) => progress.update({ done, total }),
      })
      return { action: 'create', folder, usage: paid, box: { ...box, tools: box.tools.map(({ code: __, ...tool }) => tool) } }
    } finally {
      progress.end()
    }
  },
  async verify(folder, { tasks, split, seed, floor }, { engine, signal }) {
    const rows = await engine.verifyBox(folder, { tasks, split, seed, signal })
    return { action: 'verify', folder, floor, rows: rows.map((row) => ({ ...row, passes: row.verified.passed >= floor * row.verified.tasks })) }
  },
  async show(folder, _, { engine }) {
    const { folder: __, ...box } = await engine.readBox(folder)
    return { action: 'show', folder, box: { ...box, tools: box.tools.map(({ code: ___, ...tool }) => tool) } }
  },
  async bench(folder, { tasks, split, seed, student, arms, steps, context }, { engine, out, signal }) {
    const { path } = engine.findStudent(student)
    const progress = out.progress('tasks', 'tasks')
    const all = armsOf(arms)
    try {
      const { report, markdown } = await engine.benchBox(folder, {
        student: path, context, tasks, split, seed, arms: all, steps, signal,
        onProgress: (arm, done) => progress.update({ done: all.indexOf(arm) * tasks + done, total: all.length * tasks, note: arm }),
      })
      return { action: 'bench', report, markdown }
    } finally {
      progress.end()
    }
  },
  async serve(folder, _, { engine, signal }) {
    await engine.serveBox(folder, signal)
    return { action: 'serve', folder }
  },
}

export const box = defineCommand({
  name: 'box',
  summary: 'make, verify, show, serve or measure a box of tools that a student uses without training',
  details:
    'A teacher solves training tasks by writing tools; those of right runs become functions of the task, are merged by what they do, and kept when they solve held-out tasks in the sandbox. DIR is then an MCP server: any client starts it with "node DIR/server.mjs", and "retort agent --mcp" does. serve runs it here, over stdin and stdout. What a teacher that is a model has said is kept in DIR.teacher: create asks for nothing twice, and a budget counts all its starts.',
  positionals: { names: 'ACTION DIR', help: `${ACTIONS.join(', ')}; and the folder of the box`, min: 2, max: 2 },
  options: OPTIONS,
  document: boxReplySchema,
  run(options, context): Promise<BoxReply> {
    const [name, dir] = context.args as [string, string]
    const action = ACTIONS.find((known) => known === name)
    if (!action) throw refuse(name, `one of ${ACTIONS.join(', ')}`)
    if (action === 'serve' && context.out.json) throw refuse('--json with serve', 'stdout is for the protocol')
    return RUNS[action](resolve(context.cwd, dir), options, context)
  },
  *human(reply, options) {
    switch (reply.action) {
      case 'create':
      case 'show': {
        const { funnel, teacher, tools, suite, made } = reply.box
        yield `box for ${suite}, from ${counted(made.tasks, 'task')} by ${teacher.name}${teacher.scripted ? ' (scripted: no model wrote this code)' : ''}`
        yield `${counted(funnel.tasks, 'task')} -> ${funnel.right} right -> ${counted(funnel.abstracted, 'function')} of the task -> ${counted(funnel.clusters, 'cluster')} -> ${counted(funnel.tools, 'tool')}`
        for (const { stage, reason, count } of funnel.dropped) yield `  left out at ${stage}: ${count} x ${reason}`
        for (const tool of tools) {
          yield `${tool.name}(${tool.parameters.map(({ name, type }) => `${name}: ${type}`).join(', ')}): ${tool.description}`
          yield `  written for ${counted(tool.from.length, 'task')}, made of ${tool.members}; held out ${rightText(tool.verified)}${reply.action === 'create' ? floorText(tool.verified, options.floor) : ''}; ${tool.file}`
        }
        if (reply.action === 'create' && reply.usage !== null) {
          yield usageText(reply.usage)
          yield* exceededLines(reply.usage, budgetOf(options, 'box'))
        }
        yield `start it with: node ${quoted(join(reply.folder, 'server.mjs'))}`
        return
      }
      case 'verify':
        for (const { name, verified } of reply.rows) yield `${name}: ${rightText(verified)} (${verified.split}, seed ${verified.seed}), at most ${verified.slowest} ms a call${floorText(verified, reply.floor)}`
        return
      case 'bench':
        yield reply.markdown
        return
      case 'serve':
        return
    }
  },
  failed: (reply) => reply.action === 'verify' && reply.rows.some(({ passes }) => !passes),
})
