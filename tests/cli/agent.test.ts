// `retort agent`: an episode with a model behind an endpoint, kept in a project as the trajectory that it is.
import { expect, test } from 'vitest'
import { agentReplySchema } from '../../src/shared/contract/agent.ts'
import { shownTrajectorySchema } from '../../src/shared/contract/trajectories.ts'
import { fakeProvider } from '../support/fakeProvider.ts'
import { newFolder, retort, retortJson } from './support.ts'

const project = newFolder()

test('solves, keeps, and finds again; a failing model gives exit code 1', async () => {
  const fake = await fakeProvider()
  fake.behave(
    { type: 'answer', pieces: ['Thought: I multiply.\nAct', 'ion: calc[6*7]\nObser', 'vation: 41'] },
    { type: 'answer', pieces: ['Thought: The result is 42.\nAction: finish[42]'] },
    { type: 'refuse', status: 400, body: '{"error":{"message":"no more"}}' },
  )
  const args = ['agent', 'What is 6*7?', '--endpoint', fake.baseUrl, '--model', 'm', '--system', 'Use calc.', '--project', project]
  const reply = await retortJson(agentReplySchema, [...args, '--keep'])
  expect(reply).toMatchObject({ reason: 'answer', answer: '42', steps: 2, calls: 1, trajectory: { kept: 'kept' } })
  expect(reply.events.map(({ type }) => type)).toEqual(['start', 'step', 'agent', 'call', 'observation', 'step', 'agent', 'end'])
  const shown = await retortJson(shownTrajectorySchema, ['show', reply.trajectory!.id, '--project', project])
  expect(shown.turns.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    'system: Use calc.',
    'user: What is 6*7?',
    'agent: Thought: I multiply.\nAction: calc[6*7]',
    'environment: Observation: 42',
    'agent: Thought: The result is 42.\nAction: finish[42]',
  ])
  expect(shown.turns.map(({ spans }) => spans.map(({ kind }) => kind))).toEqual([['context'], ['context'], ['reason', 'act'], ['observe'], ['reason', 'act', 'final']])
  const failed = await retort(args)
  expect(failed.code).toBe(1)
  expect(failed.stdout).toContain('no answer')
})
