// Segmentation of every record of the shared files, as the importers read them.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { examine } from '../../../src/core/pipeline/annotation/index.ts'
import { segmentTrajectory } from '../../../src/core/pipeline/segmentation/index.ts'
import { openImport } from '../../../src/core/pipeline/trajectory/index.ts'
import type { Trajectory } from '../../../src/shared/records/trajectory.ts'
import { haveShared, sharedPath } from '../../support/shared.ts'
import { textSource } from '../../support/textSource.ts'

const FILES: { path: string; records: number; agentTurns: number }[] = [
  { path: 'data/fireact/hotpotqa_multimethod.openai.jsonl', records: 733, agentTurns: 1949 },
  { path: 'data/fireact/hotpotqa.alpaca.json', records: 500, agentTurns: 1385 },
  { path: 'data/swe-agent/function_calling_simple.traj', records: 1, agentTurns: 5 },
  { path: 'data/swe-agent/humanevalfix-python-0.traj', records: 1, agentTurns: 5 },
  { path: 'data/swe-agent/swe-agent__test-repo-i1.traj', records: 1, agentTurns: 5 },
]

function read(path: string): Trajectory[] {
  const source = textSource(readFileSync(sharedPath(path), 'utf8'), basename(path))
  const file = openImport(source, (data) => createHash('sha256').update(data).digest('hex'))
  if (file.format === null) throw new Error(file.reason)
  return [...file.records()].flatMap((record) => ('trajectory' in record ? [record.trajectory] : []))
}

test.skipIf(!haveShared('data/fireact/hotpotqa.alpaca.json')).each(FILES)(
  '$path: no guessed span, a command in every agent turn, nothing for the doctor',
  ({ path, records, agentTurns }) => {
    const trajectories = read(path)
    expect(trajectories.length).toBe(records)
    let turns = 0
    for (const trajectory of trajectories) {
      const spans = segmentTrajectory(trajectory)
      expect(examine(trajectory, spans)).toEqual([])
      for (const [index, turn] of trajectory.turns.entries()) {
        if (turn.role !== 'agent') continue
        turns++
        const own = spans[index] ?? []
        expect(own.filter((span) => span.rule === 'guessed')).toEqual([])
        expect(own.filter((span) => span.call).length, turn.text).toBeGreaterThan(0)
      }
    }
    expect(turns).toBe(agentTurns)
  },
)
