// What a command is: a row with its options, its positionals, the document it yields and how a person sees it.
import type { z } from 'zod'
import type { Engine } from '../engine/engine.ts'
import type { Output } from './output.ts'

type Described = { readonly help: string }

/** One option. `value` is the placeholder in the help; an option without default that is not required may be undefined. */
export type OptionRow =
  | (Described & { readonly kind: 'flag' })
  /** May be given again and again. */
  | (Described & { readonly kind: 'texts'; readonly value: string })
  | (Described & {
      readonly kind: 'text'
      readonly value: string
      readonly default?: string
      readonly choices?: readonly string[]
      readonly required?: true
    })
  | (Described & {
      readonly kind: 'number' | 'int'
      readonly value: string
      readonly default?: number
      readonly min?: number
      readonly max?: number
      readonly required?: true
    })

export type OptionTable = Readonly<Record<string, OptionRow>>

type Given<Row, Value> = Row extends { required: true } | { default: string | number } ? Value : Value | undefined

/** The value that a row yields once parsed. */
type ValueOf<Row> = Row extends { kind: 'flag' }
  ? boolean
  : Row extends { kind: 'texts' }
  ? readonly string[]
  : Row extends { kind: 'number' | 'int' }
    ? Given<Row, number>
    : Row extends { choices: readonly (infer Choice)[] }
      ? Given<Row, Choice>
      : Given<Row, string>

export type Values<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> }

export type Positionals = {
  readonly names: string
  readonly help: string
  readonly min: number
  readonly max: number
}

/** Options that rule each other out, or are of no use without another. */
export type Together = {
  /** With one of these only those beside it count: `why`. */
  readonly alone?: Readonly<Record<string, { readonly besides: readonly string[]; readonly why: string }>>
  /** Of no use without one of those. */
  readonly needs?: Readonly<Record<string, readonly string[]>>
}

/** What a command is given beside its own options. */
export type CommandContext = {
  readonly args: readonly string[]
  /** The project folder: --project, else $RETORT_PROJECT, else the current folder. Absolute. */
  readonly project: string
  /** The same where it was named (--project or $RETORT_PROJECT); null when the current folder is only the default. */
  readonly namedProject: string | null
  readonly cwd: string
  /** Of this program. */
  readonly version: string
  readonly engine: Engine
  readonly out: Output
  /** Aborted by the first Ctrl-C, or by SIGTERM. */
  readonly signal: AbortSignal
}

export type CommandSpec<Table extends OptionTable, Document> = {
  readonly name: string
  readonly summary: string
  /** Further paragraphs of the help. */
  readonly details?: string
  readonly positionals?: Positionals
  readonly options: Table
  readonly together?: Together
  /** Schema of what `run` yields: the one JSON document. */
  readonly document: z.ZodType<Document>
  /** A command that goes on after its result is there (a server) calls `print` itself, once. */
  run(options: Values<Table>, context: CommandContext, print: (document: Document) => void): Promise<Document>
  /** The document as lines for a person. */
  human(document: Document, options: Values<Table>): Iterable<string>
  /** True when the document tells of a failure: the exit code is then 1. */
  failed?(document: Document): boolean
}

/** A command whose types are settled: the dispatcher knows only names and parsed values. */
export type Command = Pick<CommandSpec<OptionTable, unknown>, 'name' | 'summary' | 'details' | 'positionals' | 'together'> & {
  readonly options: OptionTable
  /** Runs, prints the outcome, and resolves to the exit code. */
  execute(options: Values<OptionTable>, context: CommandContext): Promise<0 | 1>
}

export function defineCommand<const Table extends OptionTable, Document>(spec: CommandSpec<Table, Document>): Command {
  return {
    ...spec,
    async execute(options, context) {
      // The parser built `options` from this very table, row by row.
      const values = options as Values<Table>
      let printed = false
      const print = (document: Document): void => {
        printed = true
        if (context.out.json) context.out.document(spec.document.parse(document))
        else for (const line of spec.human(document, values)) context.out.line(line)
      }
      const document = await spec.run(values, context, print)
      if (!printed) print(document)
      return spec.failed?.(document) ? 1 : 0
    },
  }
}
