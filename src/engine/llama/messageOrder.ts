// Which text of a rendering belongs to which message, for templates that write each message without looking at later ones.
//
// The parsed template is checked and marked before it runs: `messages` may only be walked once by a loop at the top level, or
// read as `messages[0]` and as neighbours of the loop's place; the text after the loop may not use what a template sets. Then
// a rendering of the first k messages is the rendering of all up to message k, and that text after the loop. What looks at
// the next message (`loop.last`, `messages[loop.index0 + 1]`) is noted when it runs: after such a message no k is given.
import { Template } from '@huggingface/jinja'
import type { ChatTemplate, OrderedRendering } from '../../core/ports/index.ts'

type RenderInput = Parameters<ChatTemplate['render']>[0]
/** A node of the parser's tree, which @huggingface/jinja does not export; fields as in its ast.d.ts. */
type Node = { type: string } & Record<string, unknown>
type Place = { readonly part: 'before' | 'loop' | 'after'; readonly nested: boolean }

/** A noncharacter (Unicode, section 23.7): where contents hold it, the count of marks is wrong and nothing is said. */
const MARK = '\ufdd0'
const [BEGIN, AHEAD, BACK] = ['retort_begin', 'retort_ahead', 'retort_back'] as const
/** Statements that do something else with the text in them than writing it. */
const REFUSED = new Set(['FilterStatement', 'Macro', 'CallStatement'])
const OWN_PLACE = new Set(['first', 'index', 'index0', 'previtem'])
const NEXT_PLACE = new Set(['last', 'nextitem'])

/** Null when the template may look further, or when it cannot be told. `variables`: what every rendering is given. */
export function orderedRenderer(
  source: string,
  variables: (input: RenderInput) => Record<string, unknown>,
): ((input: RenderInput) => OrderedRendering | null) | null {
  const template = new Template(source)
  if (!instrument(template.parsed as unknown as { body: Node[] })) return null
  return (input) => {
    const looked: boolean[] = []
    let anywhere = false
    const text = template.render({
      ...variables(input),
      [BEGIN]: () => (looked.push(false), MARK),
      [AHEAD]: () => (looked[looked.length - 1] = true),
      // Before the first message Jinja counts from the end.
      [BACK]: () => ((anywhere ||= looked.length === 1), true),
    })
    const pieces = text.split(MARK)
    const count = input.messages.length
    if (anywhere || count === 0 || looked.length !== count || pieces.length !== count + 2) return null
    const ends: (number | null)[] = [null]
    let end = pieces[0]!.length
    for (let k = 0; k < count; k++) {
      end += pieces[k + 1]!.length
      ends.push(looked[k] ? null : end)
    }
    return { text: pieces.join(''), ends, closing: pieces.at(-1)! }
  }
}

/** Marks the tree in place; false when the template is none of those that write in order. */
function instrument(program: { body: Node[] }): boolean {
  const { body } = program
  const at = body.findIndex((node) => node.type === 'For' && isName(node['iterable'], 'messages'))
  const loop = body[at]
  if (loop === undefined || !isName(loop['loopvar']) || (loop['defaultBlock'] as Node[]).length > 0) return false
  const assigned = assignedNames(body)
  if (assigned.has('messages') || assigned.has('loop')) return false
  const inside = loop['body'] as Node[]
  const checked =
    checkAll(body.slice(0, at), { part: 'before', nested: false }, assigned) &&
    checkAll(inside, { part: 'loop', nested: false }, assigned) &&
    checkAll(body.slice(at + 1), { part: 'after', nested: false }, assigned)
  if (!checked) return false
  inside.unshift(call(BEGIN))
  body.splice(at + 1, 0, { type: 'StringLiteral', value: MARK })
  return true
}

const checkAll = (nodes: readonly Node[], place: Place, assigned: ReadonlySet<string>): boolean =>
  nodes.every((node) => check(node, place, assigned))

function check(node: Node, place: Place, assigned: ReadonlySet<string>): boolean {
  if (REFUSED.has(node.type) || (node.type === 'Set' && node['value'] === null)) return false
  if (node.type === 'Identifier') return readable(node['value'] as string, place, assigned)
  if (node.type === 'MemberExpression') {
    if (isName(node['object'], 'messages')) return neighbour(node, place)
    if (isName(node['object'], 'loop')) return loopField(node, place)
  }
  return children(node).every(({ child, nested }) => check(child, nested ? { ...place, nested } : place, assigned))
}

function readable(name: string, { part }: Place, assigned: ReadonlySet<string>): boolean {
  if (name === 'messages' || name === 'loop') return false
  if (part === 'after') return !assigned.has(name)
  return name !== 'add_generation_prompt'
}

/** `messages[0]`, `messages[loop.index0 + 1]`, `messages[loop.index0 - 1]`. */
function neighbour(node: Node, { part, nested }: Place): boolean {
  const property = node['property'] as Node
  if (node['computed'] !== true) return false
  if (property.type === 'IntegerLiteral') return property['value'] === 0
  if (part !== 'loop' || nested || property.type !== 'BinaryExpression') return false
  const [left, right] = [property['left'] as Node, property['right'] as Node]
  const one = right.type === 'IntegerLiteral' && right['value'] === 1
  const here = left.type === 'MemberExpression' && isName(left['object'], 'loop') && isName(left['property'], 'index0')
  const operator = (property['operator'] as { value: string }).value
  if (!one || !here || left['computed'] === true || (operator !== '+' && operator !== '-')) return false
  noted(node, operator === '+' ? AHEAD : BACK)
  return true
}

function loopField(node: Node, { part, nested }: Place): boolean {
  if (part !== 'loop' || nested) return true
  const property = node['property'] as Node
  if (node['computed'] === true || property.type !== 'Identifier') return false
  const field = property['value'] as string
  if (NEXT_PLACE.has(field)) noted(node, AHEAD)
  return OWN_PLACE.has(field) || NEXT_PLACE.has(field)
}

const call = (name: string): Node => ({ type: 'CallExpression', callee: { type: 'Identifier', value: name }, args: [] })

/** Turns the node into itself behind a call that says it was read. */
function noted(node: Node, name: string): void {
  const read = { ...node }
  for (const key of Object.keys(node)) delete node[key]
  Object.assign(node, { type: 'Ternary', condition: call(name), trueExpr: read, falseExpr: read })
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

const isName = (value: unknown, name?: string): boolean =>
  isNode(value) && value.type === 'Identifier' && (name === undefined || value['value'] === name)

/** Names of fields and of arguments are no variables. The body of a loop has a `loop` of its own. */
function children(node: Node): { child: Node; nested: boolean }[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'property' && node['computed'] !== true && node.type === 'MemberExpression') return []
    if (key === 'key' && node.type === 'KeywordArgumentExpression') return []
    const list = value instanceof Map ? [...value].flat() : Array.isArray(value) ? value : [value]
    return list.filter(isNode).map((child) => ({ child, nested: node.type === 'For' && key === 'body' }))
  })
}

function assignedNames(nodes: readonly Node[], names = new Set<string>()): Set<string> {
  for (const node of nodes) {
    const target = node.type === 'Set' ? node['assignee'] : node.type === 'For' ? node['loopvar'] : null
    if (isNode(target)) for (const name of namesIn(target)) names.add(name)
    assignedNames(children(node).map(({ child }) => child), names)
  }
  return names
}

const namesIn = (node: Node): string[] =>
  node.type === 'Identifier' ? [node['value'] as string] : children(node).flatMap(({ child }) => namesIn(child))
