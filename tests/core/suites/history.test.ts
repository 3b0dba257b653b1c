// A conversation as past steps, however it came: from the loop, or as messages of an endpoint that knows no environment.
import { expect, test } from 'vitest'
import { pastSteps } from '../../../src/core/suites/index.ts'
import { agentTurn, environmentTurn, plainTurn } from '../../../src/core/pipeline/trajectory/index.ts'

const opening = [plainTurn('system', 'Be right.'), plainTurn('user', 'How much?')]
const said = (text: string): ReturnType<typeof agentTurn> => agentTurn({ content: text, calls: [] })

test('turns of the environment answer the turn before them; what nobody has answered is no step yet', () => {
  const steps = pastSteps([...opening, said('Thought: x\nAction: calc[1+1]'), environmentTurn('Observation: 2', undefined), said('Action: calc[2+2]')], 'react')
  expect(steps).toEqual([{ text: 'Thought: x\nAction: calc[1+1]', calls: [{ name: 'calc', argument: '1+1' }], observations: ['2'] }])
})

test('the same from a user, where several observations may have come as one message', () => {
  const two = said('Action: calc[1+1]\nAction: calc[2+2]')
  const joined = pastSteps([...opening, two, plainTurn('user', 'Observation: 2\nObservation: 4')], 'react')
  const apart = pastSteps([...opening, two, environmentTurn('Observation: 2', undefined), environmentTurn('Observation: 4', undefined)], 'react')
  expect(joined).toEqual(apart)
  expect(joined[0]).toMatchObject({ calls: [{ argument: '1+1' }, { argument: '2+2' }], observations: ['2', '4'] })
})

test('an observation of several lines stays one, also when a line of it begins like a marker', () => {
  const steps = pastSteps([...opening, said('Action: search[x]'), environmentTurn('Observation: first\nObservation: not a marker', undefined)], 'react')
  expect(steps[0]!.observations).toEqual(['first\nObservation: not a marker'])
})

test('structured calls and code', () => {
  const native = agentTurn({ content: 'I compute.', calls: [{ name: 'calc', arguments: '{"expression":"1+1"}' }] })
  expect(pastSteps([...opening, native, environmentTurn('2', 'call00000')], 'native')[0]).toMatchObject({ calls: [{ name: 'calc', argument: '{"expression":"1+1"}' }], observations: ['2'] })
  const code = said('Thought: x\nCode:\n```javascript\nconsole.log(1+1)\n```')
  expect(pastSteps([...opening, code, environmentTurn('Observation:\n2', undefined)], 'code')[0]).toMatchObject({ calls: [{ name: 'javascript' }], observations: ['2'] })
})

test('a turn without a call is a step, with no calls', () => {
  expect(pastSteps([...opening, said('Hm.'), environmentTurn('Observation: Not understood.', undefined)], 'react')[0]).toMatchObject({ text: 'Hm.', calls: [], observations: ['Not understood.'] })
})
