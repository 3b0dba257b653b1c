// `retort providers`: where training can run on this machine, and the libraries of CUDA on request.
import { providersReportSchema, TRAINING_FEATURES, type ProvidersReport, type ProviderStatus } from '../../shared/contract/providers.ts'
import { computeSchema } from '../../shared/records/provider.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { usageError } from '../parse.ts'

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`

/** The cpu in f32 is what the others are compared with. */
function figures({ name, compute, tokensPerSecond, agreement }: ProviderStatus): string {
  const speed = tokensPerSecond === null ? [] : [`${tokensPerSecond.toFixed(0)} tokens/s`]
  const apart = agreement === null || (name === 'cpu' && compute === 'f32') ? [] : [`largest difference to the cpu: loss ${agreement.loss.toExponential(1)}, gradient ${agreement.gradient.toExponential(1)}`]
  return [...speed, ...apart].join('; ')
}

export function* providerLines({ providers, fastest, installable }: ProvidersReport): Generator<string> {
  for (const status of providers) {
    yield `${status.state.padEnd(9)} ${status.name} (${status.label}): ${[figures(status), status.reason].filter((text) => text).join('; ')}`
    for (const { feature, reason } of status.lacks) yield `          not for ${TRAINING_FEATURES[feature]}: ${reason}`
    if (status.onCpu.length > 0) yield `          nodes that ran on the cpu: ${status.onCpu.map(({ op, nodes }) => `${nodes} ${op}`).join(', ')}`
    if (status.enable !== null) yield `          what would enable it: ${status.enable}`
  }
  yield `auto takes ${fastest}; speeds are of four blocks of a 135M student, 256 tokens`
  const { state, bytes, folder } = installable
  if (state === 'absent' || state === 'partly') {
    const there = state === 'partly' ? ` (${gigabytes(bytes.downloaded)} of it are there from an attempt that was cut)` : ''
    yield `CUDA libraries, of use with an NVIDIA card only: not installed. retort providers install cuda fetches ${gigabytes(bytes.download)}${there}; they take ${gigabytes(bytes.installed)} in ${folder}`
  }
  if (state === 'installed') yield `CUDA libraries: installed in ${folder}`
}

const ACTIONS = ['test', 'install', 'remove'] as const
type Action = (typeof ACTIONS)[number]

function actionOf(args: readonly string[]): Action | null {
  const [action, what] = args
  if (action === undefined) return null
  const known = ACTIONS.find((one) => one === action)
  const expected = 'nothing, test, install cuda or remove cuda'
  if (!known || (known === 'test') !== (what === undefined) || (what !== undefined && what !== 'cuda'))
    throw usageError({ message: 'unknown action', where: 'retort providers', found: args.join(' '), expected })
  return known
}

async function install({ engine, out, signal }: CommandContext): Promise<ProvidersReport> {
  const { parts, state } = await engine.installable()
  if (state === 'installed') out.note('the CUDA libraries are installed already: testing what works with them')
  else {
    out.note('to be of use they need an NVIDIA card with its driver (580 or newer)')
    for (const { name, bytes, licence, url } of parts) out.note(`${name}: ${gigabytes(bytes)}, ${licence}, from ${new URL(url).host}`)
  }
  let shown = ''
  let progress = out.progress('', 'MB')
  const report = await engine.installProvider({
    signal,
    onProgress: ({ phase, part, done, total }) => {
      if (phase === 'done') return
      const label = `${phase} ${part}`
      if (label !== shown) {
        progress.end()
        progress = out.progress(label, 'MB')
        shown = label
      }
      progress.update({ done: Math.floor(done / 1e6), total: Math.floor(total / 1e6) })
    },
  }).finally(() => progress.end())
  return report
}

export const providers = defineCommand({
  name: 'providers',
  summary: 'where training can run on this machine; libraries of CUDA on request',
  details:
    'Each execution provider computes the gradients of a small student in a process of its own and is compared with the cpu, then timed. One that is\n' +
    'missing, wrong or slower is not taken by `auto`. Results are kept until machine, driver or version change; test makes them again.\n' +
    "install cuda fetches ONNX Runtime's CUDA provider and NVIDIA's libraries into the app's data folder (sizes and SHA-256 are checked, a cut\n" +
    'download goes on where it was); remove cuda takes them away.',
  positionals: { names: '[test|install cuda|remove cuda]', help: 'what to do; nothing: show', min: 0, max: 2 },
  options: { compute: { kind: 'text', value: 'NAME', help: 'precision that is tested (default: f32)', choices: computeSchema.options } },
  document: providersReportSchema,
  async run({ compute }, context) {
    const { args, engine, out, signal } = context
    const onTest = (name: string): void => out.note(`testing ${name}`)
    switch (actionOf(args)) {
      case null:
        return engine.providers({ ...(compute && { compute }), onTest, signal })
      case 'test':
        return engine.providers({ ...(compute && { compute }), fresh: true, onTest, signal })
      case 'install':
        return install(context)
      case 'remove':
        return engine.removeProvider({ onTest, signal })
    }
  },
  human: providerLines,
})
