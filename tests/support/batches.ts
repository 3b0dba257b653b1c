// Batches of a teacher in a project of their own.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openProject, type Project } from '../../src/engine/project/index.ts'
import type { Endpoint } from '../../src/engine/providers/index.ts'
import type { BatchRequest } from '../../src/engine/teaching/index.ts'
import type { RolloutProgress } from '../../src/shared/contract/rollouts.ts'
import { temporaryFolder } from './folder.ts'

/** Of the tasks of a batch. */
export const SEED = 11

export function openedProject(): Project {
  const project = openProject(join(temporaryFolder(), 'p'), { create: true })
  onTestFinished(project.dispose)
  return project
}

export const endpointOf = (baseUrl: string, more: Partial<Endpoint> = {}): Endpoint => ({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl, models: [], key: null, ...more })

export const request = (endpoint: Endpoint, more: Partial<BatchRequest> = {}): BatchRequest => ({
  suite: 'arith', seed: SEED, first: 0, tasks: 4, perTask: 1, temperature: 0, topP: 1, firstThought: 'off', logprobs: 0,
  teacher: { type: 'endpoint', endpoint, model: 'm' }, provider: null, style: 'react', steps: 3, turnTokens: 60, prices: null, budget: { cost: null, tokens: null },
  traffic: { concurrency: 4, tries: 3 }, ...more,
})

export const watch = (onProgress: (progress: RolloutProgress) => void = () => undefined) => ({ onProgress, signal: new AbortController().signal })
