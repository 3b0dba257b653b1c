// The help texts, written from the command rows.
import type { Command, OptionRow, OptionTable } from './command.ts'
import { COMMON_OPTIONS } from './parse.ts'

const WIDTH = 28

const pair = (left: string, right: string): string =>
  left.length + 4 > WIDTH ? `  ${left}\n${' '.repeat(WIDTH)}${right}` : `  ${left.padEnd(WIDTH - 2)}${right}`

function optionLine([name, row]: [string, OptionRow]): string {
  if (row.kind === 'flag') return pair(`--${name}`, row.help)
  if (row.kind === 'texts') return pair(`--${name} ${row.value}`, `${row.help} (may be given again)`)
  const notes = [
    row.kind === 'text' && row.choices ? row.choices.join(' | ') : '',
    row.required ? 'required' : '',
    row.default === undefined ? '' : `default ${row.default}`,
  ].filter(Boolean)
  return pair(`--${name} ${row.value}`, notes.length === 0 ? row.help : `${row.help} (${notes.join('; ')})`)
}

const options = (table: OptionTable): string[] => Object.entries(table).map(optionLine)

export function programHelp(commands: readonly Command[]): string {
  return [
    'retort: distil LLM agents into small models on your own computer',
    '',
    'Usage: retort COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    ...commands.map((command) => pair(command.name, command.summary)),
    '',
    'Every command takes:',
    ...options(COMMON_OPTIONS),
    '',
    'Exit code: 0 done, 1 failed or stopped before its end (a training that was stopped is saved all the same), 2 wrong use.',
    'Ctrl-C stops cleanly; a second one kills.',
  ].join('\n')
}

export function commandHelp(command: Command): string {
  const own = options(command.options)
  const { positionals } = command
  return [
    `retort ${command.name}: ${command.summary}`,
    '',
    `Usage: retort ${command.name}${positionals ? ` ${positionals.names}` : ''} [OPTIONS]`,
    ...(positionals ? ['', pair(positionals.names, positionals.help)] : []),
    ...(command.details ? ['', command.details] : []),
    ...(own.length === 0 ? [] : ['', 'Options:', ...own]),
    '',
    'Common options:',
    ...options(COMMON_OPTIONS),
  ].join('\n')
}
