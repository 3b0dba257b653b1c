// The plan of a run from its folder: what each stage takes, and what its gates have decided so far.
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { stepsAsTrained, type PlannedStep, type RunPlan } from '../../core/pipeline/training/index.ts'
import { gateDecisionSchema, type GateDecision } from '../../shared/contract/planning.ts'
import { RetortError } from '../../shared/errors.ts'
import { sha256, writeFileAtomic } from '../files/index.ts'
import { readExamples, readJson, runFiles, type RunConfig, type SplitExample } from './runFolder.ts'
import { runPlanOf, stagedPlanSchema, type StagedPlan } from './stagedPlan.ts'

/** Null without a plan. Throws RetortError `run-damaged` when it is not what the run was made with. */
export function readStaged(dir: string, { staged: expected }: Pick<RunConfig, 'staged'>): StagedPlan | null {
  if (!expected) return null
  const path = runFiles(dir).staged
  const found = existsSync(path) ? sha256(readFileSync(path, 'utf8')) : 'no such file'
  if (found === expected.sha256) return readJson(path, stagedPlanSchema)
  const message = 'the plan of this run is not what it was'
  throw new RetortError({ code: 'run-damaged', message, where: path, found, expected: `a file with sha256 ${expected.sha256}` })
}

/** `train`: the run's training examples, in order. */
export const readRunPlan = (dir: string, config: RunConfig, train: readonly SplitExample[]): RunPlan =>
  runPlanOf({ examples: train, settings: config.settings, plan: config.plan, staged: readStaged(dir, config) })

/** Decisions at the gates, in the order of their steps. */
export function readGates(dir: string): GateDecision[] {
  const { gates } = runFiles(dir)
  return existsSync(gates) ? readJson(gates, z.array(gateDecisionSchema)) : []
}

/** On the disk when this returns. A decision stays, also when its step is made again: it is not measured a second time. */
export function addGate(dir: string, decision: GateDecision): void {
  const others = readGates(dir).filter(({ stage, step }) => stage !== decision.stage || step !== decision.step)
  const all = [...others, decision].sort((a, b) => a.step - b.step || a.stage - b.stage)
  writeFileAtomic(runFiles(dir).gates, `${JSON.stringify(all, null, 2)}\n`)
}

/** The run's steps, those that are done as they were trained. */
export function stepsOfRun(dir: string, config: RunConfig, examples: readonly SplitExample[] = readExamples(dir, config.examples)): PlannedStep[] {
  return stepsAsTrained(readRunPlan(dir, config, examples.filter(({ split }) => split === 'train')), readGates(dir))
}
