// The connection that is opened again: calls wait for it, and what depends on it hears of each new one.
import { ORPCError } from '@orpc/client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { asRetortError } from '../../../src/renderer/bridge/errors.ts'
import { connect, type Connection } from '../../../src/renderer/bridge/connection.ts'
import type { OpenTransport, Transport } from '../../../src/renderer/bridge/transport.ts'
import { RetortError } from '../../../src/shared/errors.ts'

let connection: Connection | null = null
afterEach(() => connection?.dispose())

/** Opens as the list says, one entry an attempt: an engine's name, or why it cannot be reached. */
function fakeTransport(attempts: (string | Error)[]) {
  const ends: ((why: string) => void)[] = []
  const open: OpenTransport = async () => {
    const next = attempts.shift()
    if (next === undefined) throw new Error('nobody there')
    if (next instanceof Error) throw next
    const closed = new Promise<string>((resolve) => ends.push(resolve))
    const link: Transport['link'] = { call: async () => ({ engineId: next }) }
    return { link, closed, close: () => {} }
  }
  return { open, endLast: (why: string) => ends.at(-1)?.(why) }
}

describe('connect', () => {
  test('a call made before the connection stands waits for it', async () => {
    connection = connect(fakeTransport([new Error('not yet'), 'first']).open)
    expect(connection.state.value.type).toBe('connecting')
    await expect(connection.api.app.info({})).resolves.toMatchObject({ engineId: 'first' })
    expect(connection.state.value).toEqual({ type: 'ready' })
    expect(connection.epoch.value).toBe(1)
  })

  test('when the engine ends, the state says why, the next one is found, and the epoch counts on', async () => {
    const { open, endLast } = fakeTransport(['first', 'second'])
    connection = connect(open)
    await connection.api.app.info({})
    endLast('the engine ended')
    await vi.waitFor(() => expect(connection!.state.value).toMatchObject({ type: 'lost', why: 'the engine ended' }), { timeout: 15_000 })
    await expect(connection.api.app.info({})).resolves.toMatchObject({ engineId: 'second' })
    expect(connection.epoch.value).toBe(2)
  })

  test('a waiting call can be given up', async () => {
    connection = connect(fakeTransport([]).open)
    const controller = new AbortController()
    const call = connection.api.app.info({}, { signal: controller.signal })
    controller.abort(new Error('not needed any more'))
    await expect(call).rejects.toThrow('not needed any more')
  })
})

describe('asRetortError', () => {
  test('takes the parts of a RETORT error', () => {
    const data = { code: 'project-missing', message: 'this is not a Retort project', where: 'there' }
    expect(asRetortError(new ORPCError('RETORT', { status: 422, data }))).toMatchObject(data)
  })
  test('says that a refused call is one, and that anything else is a fault', () => {
    expect(asRetortError(new ORPCError('BAD_REQUEST', { data: { issues: [] } })).code).toBe('bad-request')
    expect(asRetortError(new TypeError('x is not a function'))).toMatchObject({ code: 'internal', message: 'x is not a function' })
  })
  test('leaves a RetortError as it is', () => {
    const error = new RetortError({ code: 'a', message: 'b' })
    expect(asRetortError(error)).toBe(error)
  })
})
