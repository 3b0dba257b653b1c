// Which options go together: an option that would change nothing is refused, not passed over in silence.
import type { OptionTable, Together } from './command.ts'

const listed = (names: readonly string[]): string => names.map((name) => `--${name}`).join(', ')

type Problem = { readonly message: string; readonly found: string; readonly expected: string }

/** What is wrong with `given` (those that were named, each of `table` or of every command); null: nothing. */
export function togetherProblem({ alone = {}, needs = {} }: Together, given: readonly string[], table: OptionTable): Problem | null {
  const own = given.filter((name) => Object.hasOwn(table, name))
  for (const [name, { besides, why }] of Object.entries(alone)) {
    if (!own.includes(name)) continue
    const idle = own.filter((one) => one !== name && !besides.includes(one))
    if (idle.length > 0) return { message: why, found: `${listed(idle)} with --${name}`, expected: besides.length === 0 ? `--${name} alone` : `beside --${name} only ${listed(besides)}` }
  }
  for (const [name, others] of Object.entries(needs)) {
    if (!own.includes(name) || others.some((other) => own.includes(other))) continue
    const without = others.map((other) => `--${other}`).join(' and ')
    return { message: `--${name} would change nothing`, found: `--${name} without ${without}`, expected: others.length === 1 ? 'both, or neither' : `one of ${listed(others)} with it` }
  }
  return null
}
