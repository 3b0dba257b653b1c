// Prints a graph as text, one line a node: for inline snapshots, logs and reading.
import { showShape } from './dims.ts'
import { topologicalOrder, type Value } from './value.ts'

/** Lines such as `%3 = matmul(%1, %2) {transposeB} : f32[T, 64]`; leaves by their names. */
export function printGraph(outputs: readonly Value[]): string {
  const names = new Map<Value, string>()
  const nameOf = (value: Value): string => names.get(value) ?? '?'
  const lines: string[] = []
  let count = 0
  for (const node of topologicalOrder(outputs)) {
    for (const value of node.outputs) {
      const name = 'name' in node.attributes ? `%${node.attributes.name}` : `%${count++}`
      names.set(value, name)
    }
    const attributes = Object.entries(node.attributes)
      .filter(([key, value]) => !['name', 'type', 'shape', 'body'].includes(key) && value !== false && !(key === 'alpha' && value === 1))
      .map(([key, value]) => (value === true ? key : `${key} ${JSON.stringify(value)}`))
    const types = node.outputs.map((value) => `${value.dtype}${showShape(value.shape)}`).join(', ')
    const call = `${node.op}(${node.inputs.map(nameOf).join(', ')})`
    const suffix = attributes.length > 0 ? ` {${attributes.join(', ')}}` : ''
    lines.push(`${node.outputs.map(nameOf).join(', ')} = ${call}${suffix} : ${types}`)
    if ('body' in node.attributes) lines.push(...printGraph(node.attributes.body.outputs).split('\n').map((line) => `  ${line}`))
  }
  lines.push(`return ${outputs.map(nameOf).join(', ')}`)
  return lines.join('\n')
}
