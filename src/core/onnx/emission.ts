// What an emitter gets: the node's inputs by name, its values, and the scope it writes into.
import type { OpAttributes, OpName, Value } from '../tensor/index.ts'
import type { Scope } from './scope.ts'

export type Emission<K extends OpName> = {
  readonly scope: Scope
  /** Names of the inputs. */
  readonly inputs: readonly string[]
  readonly values: readonly Value[]
  readonly outputs: readonly Value[]
  /** Which outputs anything reads; others need not be computed. */
  readonly used: readonly boolean[]
  readonly attributes: OpAttributes[K]
  /** Writes the nodes that the outputs need into a scope, given the names of what is there already; returns their names. */
  readonly write: (scope: Scope, graph: { readonly known: ReadonlyMap<Value, string>; readonly outputs: readonly Value[] }) => string[]
}
