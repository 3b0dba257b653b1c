// What every block of code finds in its interpreter: print, console, final_answer, chance from a seed, a clock that stands still.

/** Code is run at this moment, wherever and whenever it is run. */
const NOW = Date.UTC(2026, 0, 1)

/**
 * Script of a function of the interpreter's two host functions, `print(text)` and `answer(text)`; it gives how values and errors
 * are told. It runs before any code of an agent and keeps what it needs of the globals, which the agent may change.
 */
export const CODE_PRELUDE = `(function (print, answer) {
  'use strict'
  const { stringify } = JSON
  const { from } = Array
  const text = String
  const MapOf = Map, SetOf = Set, ErrorOf = Error
  const plain = (key, value) =>
    typeof value === 'bigint' ? text(value)
      : typeof value === 'function' ? '[function ' + value.name + ']'
      : typeof value === 'number' && (value !== value || value === Infinity || value === -Infinity) ? text(value)
      : value instanceof MapOf ? from(value)
      : value instanceof SetOf ? from(value)
      : value
  const told = (value) => {
    if (typeof value === 'function') return '[function ' + value.name + ']'
    if (typeof value === 'symbol' || value === null || typeof value !== 'object') return text(value)
    if (value instanceof ErrorOf) return problem(value)
    try {
      const json = stringify(value, plain)
      return json === undefined ? text(value) : json
    } catch (error) {
      return text(value)
    }
  }
  const problem = (error) => {
    if (!(error instanceof ErrorOf)) return 'thrown: ' + told(error)
    const line = /block\\.js:(\\d+)/.exec(text(error.stack))
    return error.name + ': ' + error.message + (line ? ' (line ' + line[1] + ')' : '')
  }
  const say = (...values) => print(values.map(told).join(' '))
  const console = { log: say, info: say, debug: say, warn: say, error: say, table: say }
  const ENDED = { toString: () => 'the answer was handed in' }
  const final_answer = (...values) => {
    if (values.length === 0 || values[0] === undefined) throw new TypeError('final_answer needs the answer, found nothing')
    answer(values.map(told).join(' '))
    throw ENDED
  }
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
  define('print', say)
  define('console', console)
  define('final_answer', final_answer)

  // mulberry32 of Tommy Ettinger, public domain
  let seed = 0x9e3779b9
  Math.random = () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const RealDate = Date
  const now = () => ${NOW}
  const StillDate = function Date(...given) {
    if (new.target === undefined) return new RealDate(now()).toString()
    return Reflect.construct(RealDate, given.length === 0 ? [now()] : given, new.target)
  }
  StillDate.prototype = RealDate.prototype
  RealDate.prototype.constructor = StillDate
  StillDate.now = now
  StillDate.UTC = RealDate.UTC
  StillDate.parse = RealDate.parse
  define('Date', StillDate)
  return { told, problem, isEnd: (error) => error === ENDED }
})`
