// Runs one function of a box in a context of its own that holds nothing but the language; text goes in, text comes out.
import { Script, createContext } from 'node:vm'

let input = ''
for await (const piece of process.stdin.setEncoding('utf8')) input += piece
const { code, name, args } = JSON.parse(input)

// No object of this process gets in: the arguments come as JSON, and the result leaves as JSON.
const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })
const told = `(() => {
  const value = ${name}(...JSON.parse(${JSON.stringify(JSON.stringify(args))}))
  if (value === null || value === undefined || value === '') return 'null'
  return JSON.stringify(typeof value === 'object' ? JSON.stringify(value) : String(value))
})()`

let result
try {
  const value = new Script(`${code}\n;${told}`).runInContext(context, { timeout: 3000 })
  result = { value: typeof value === 'string' ? JSON.parse(value) : null, problem: null }
} catch (error) {
  result = { value: null, problem: error instanceof Error || typeof error?.message === 'string' ? String(error.message) : 'it threw' }
}
process.stdout.write(JSON.stringify(result), () => process.exit())
