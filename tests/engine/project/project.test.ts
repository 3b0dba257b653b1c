// A project: opened, filled from files and folders, looked at, corrected, fixed as a dataset revision.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canonicalJson } from '../../../src/core/pipeline/trajectory/index.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import type { ImportProgress, Project } from '../../../src/engine/project/index.ts'
import {
  correctTrajectories, getOriginal, getTrajectory, importPaths, listTrajectories, makeDatasetRevision, openProject, readDatasetRevision,
  showTrajectory,
} from '../../../src/engine/project/index.ts'
import { countTrajectories, findDatasetRevision, listImportReports, searchTrajectories } from '../../../src/engine/store/index.ts'
import { importReportSchema } from '../../../src/shared/contract/importing.ts'
import { shownTrajectorySchema, trajectoryRowSchema } from '../../../src/shared/contract/trajectories.ts'
import type { CorrectionChange } from '../../../src/shared/records/correction.ts'
import { datasetRevisionSchema } from '../../../src/shared/records/datasetRevision.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { haveShared, sharedPath } from '../../support/shared.ts'
import { packSpans } from '../../../src/engine/store/spans.ts'
import { chat } from '../store/records.ts'

/** Some of the importers' fixtures, in a folder of their own: the others have tests of theirs. */
const FIXTURES = mkdtempSync(join(tmpdir(), 'retort-fixtures-'))
beforeAll(() => {
  const names = [
    'LICENSE.fireact', 'LICENSE.swe-agent', 'README.md', 'fireact.alpaca.json', 'fireact.openai.jsonl', 'function_calling_simple.traj',
    'humanevalfix-python-0.traj', 'swe-agent__test-repo-i1.cut.traj',
  ]
  for (const name of names) cpSync(resolve(import.meta.dirname, '../../fixtures/import', name), join(FIXTURES, name))
})
afterAll(() => rmSync(FIXTURES, { recursive: true }))

function newProject(): Project {
  const project = openProject(join(temporaryFolder(), 'p'), { create: true })
  onTestFinished(project.dispose)
  return project
}

async function filledProject(): Promise<Project> {
  const project = newProject()
  await importPaths(project, [join(FIXTURES, 'fireact.openai.jsonl'), join(FIXTURES, 'humanevalfix-python-0.traj')])
  return project
}

describe('openProject', () => {
  test('makes a folder that opens again, also after it was copied', async () => {
    const folder = join(temporaryFolder(), 'deep', 'p')
    const project = openProject(folder, { create: true })
    await importPaths(project, [join(FIXTURES, 'fireact.alpaca.json')])
    expect([existsSync(join(folder, 'runs')), existsSync(project.exportsFolder)]).toEqual([true, true])
    expect(project.runFolder('r1')).toBe(join(folder, 'runs', 'r1'))
    project.dispose()
    const copy = join(temporaryFolder(), 'copy')
    cpSync(folder, copy, { recursive: true })
    const again = openProject(copy, { create: false })
    expect(countTrajectories(again.store)).toBe(6)
    again.dispose()
    again.dispose()
  })
  test('refuses what is not a project, and leaves it as it was', () => {
    const folder = temporaryFolder()
    const found = (path: string, create = false): unknown => {
      try {
        openProject(path, { create }).dispose()
        return null
      } catch (error) {
        const { code, found: seen, expected } = error as Record<string, unknown>
        return [code, seen, expected]
      }
    }
    expect(found(join(folder, 'none'))).toEqual(['project-missing', 'no such folder', 'a folder with project.sqlite'])
    expect(found(folder)).toEqual(['project-missing', 'a folder without project.sqlite', 'a project'])
    writeFileSync(join(folder, 'file'), '')
    expect(found(join(folder, 'file'), true)).toEqual(['project-missing', 'a file', 'a folder'])
    expect([existsSync(join(folder, 'none')), existsSync(join(folder, 'project.sqlite'))]).toEqual([false, false])
  })
})

describe('importPaths', () => {
  test('a folder: every file is reported, in order of names; the second form brings only what is new', async () => {
    const project = newProject()
    const report = await importPaths(project, [FIXTURES])
    expect(importReportSchema.parse(report)).toEqual(report)
    const notJson = (text: string): object => ({
      format: null, kept: 0, duplicates: 0, rejectedCount: 0, rejected: [],
      reason: `line 1: found ${text}, expected JSON (an object or an array)`,
    })
    const read = (format: string, kept: number, duplicates = 0): object => ({ format, kept, duplicates, rejectedCount: 0, rejected: [] })
    expect(report).toEqual({
      kept: 12,
      duplicates: 4,
      files: [
        { path: 'LICENSE.fireact', ...notJson('"MIT License"') },
        { path: 'LICENSE.swe-agent', ...notJson('"MIT License"') },
        { path: 'README.md', ...notJson('"# Fixtures of the importers"') },
        { path: 'fireact.alpaca.json', ...read('fireact-alpaca', 6) },
        { path: 'fireact.openai.jsonl', ...read('fireact-openai', 3, 4) },
        { path: 'function_calling_simple.traj', ...read('swe-agent', 1) },
        { path: 'humanevalfix-python-0.traj', ...read('swe-agent', 1) },
        { path: 'swe-agent__test-repo-i1.cut.traj', ...read('swe-agent', 1) },
      ].map((file) => ({ ...file, path: join(FIXTURES, file.path) })),
    })
    expect(countTrajectories(project.store)).toBe(12)
    expect(listImportReports(project.store).map((item) => item.report)).toEqual(report.files)
    const again = await importPaths(project, [FIXTURES])
    expect([again.kept, again.duplicates, countTrajectories(project.store)]).toEqual([0, 16, 12])
  })
  test('rejected records are named, the others kept; duplicates inside one file are counted', async () => {
    const file = join(temporaryFolder(), 'a.jsonl')
    writeFileSync(file, [chat('Q', 'x'), '{"messages": 1}', chat('Q', 'x'), chat('Q', 'y')].join('\n'))
    const report = await importPaths(newProject(), [file])
    expect(report).toEqual({
      kept: 2,
      duplicates: 1,
      files: [
        {
          path: file, format: 'openai-chat', kept: 2, duplicates: 1,
          rejectedCount: 1, rejected: [{ index: 1, reason: 'line 2, messages: found number 1, expected an array' }],
        },
      ],
    })
  })
  test('of very many bad records the first are told and all are counted; what they bring into a reason is short', async () => {
    const file = join(temporaryFolder(), 'a.jsonl')
    const roles = Array.from({ length: 2000 }, (_, n) => ({ role: 'user', content: `turn ${n}` }))
    writeFileSync(file, [chat('Q', 'x'), JSON.stringify({ messages: roles }), ...Array.from({ length: 1500 }, () => '{"messages": 1}')].join('\n'))
    const project = newProject()
    const [report] = (await importPaths(project, [file])).files
    expect([report!.kept, report!.rejectedCount, report!.rejected.length, report!.rejected.at(-1)!.index]).toEqual([1, 1501, 1000, 1000])
    expect(report!.rejected[0]!.reason).toMatch(/found roles user, .*\.\.\. \(\d+ characters\), expected at least one assistant/)
    expect(report!.rejected[0]!.reason.length).toBeLessThan(500)
    expect(listImportReports(project.store).map((item) => item.report)).toEqual([report])
  })
  test('folders: hidden names, the project itself, links in circles, files that cannot be read', async () => {
    const folder = temporaryFolder()
    const project = openProject(join(folder, 'project'), { create: true })
    onTestFinished(project.dispose)
    mkdirSync(join(folder, 'a'))
    writeFileSync(join(folder, 'a', 'x.jsonl'), chat('Q', 'x'))
    symlinkSync('..', join(folder, 'a', 'up'))
    symlinkSync('nowhere', join(folder, 'b'))
    writeFileSync(join(folder, '.hidden'), chat('Q', 'y'))
    const report = await importPaths(project, [folder, join(folder, '.hidden')])
    expect(report.files.map((file) => [file.path.slice(folder.length), file.format ?? file.reason])).toEqual([
      ['/.hidden', 'found a hidden name in a folder, expected it to be named directly if it is meant'],
      ['/a/up', 'found a folder that was walked before'],
      ['/a/x.jsonl', 'openai-chat'],
      ['/b', expect.stringMatching(/^cannot be read: ENOENT/)],
      ['/project', "found this project's own folder, expected files to import"],
      ['/.hidden', 'openai-chat'],
    ])
    expect(report.kept).toBe(2)
  })
  test.skipIf(process.getuid?.() === 0)('a file without permission does not stop the others', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a'), chat('Q', 'x'))
    chmodSync(join(folder, 'a'), 0)
    writeFileSync(join(folder, 'b'), chat('Q', 'x'))
    const report = await importPaths(newProject(), [folder])
    expect(report.files.map((file) => file.format)).toEqual([null, 'openai-chat'])
  })
  test('a path that does not exist stops everything before it begins', async () => {
    const project = newProject()
    const missing = join(FIXTURES, 'none')
    await expect(importPaths(project, [FIXTURES, missing])).rejects.toMatchObject(
      { code: 'path-missing', where: missing },
    )
    expect(countTrajectories(project.store)).toBe(0)
  })
  test('P11: stopped amid a file: it leaves nothing, files before it stay; progress grows to the end', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.jsonl'), chat('first', 'x'))
    writeFileSync(join(folder, 'b.jsonl'), Array.from({ length: 4000 }, (_, n) => chat(`question ${n}`, 'x')).join('\n'))
    const project = newProject()
    const stop = new AbortController()
    const onProgress = ({ file, records }: ImportProgress): void => {
      if (file === 1 && records > 1) stop.abort(new Error('stopped'))
    }
    await expect(importPaths(project, [folder], { onProgress, signal: stop.signal })).rejects.toThrow('stopped')
    expect(countTrajectories(project.store)).toBe(1)
    const seen: ImportProgress[] = []
    const report = await importPaths(project, [folder], { onProgress: (progress) => seen.push(progress) })
    expect([report.kept, report.duplicates]).toEqual([4000, 1])
    expect(seen.at(-1)).toMatchObject({ file: 2, files: 2, records: 4001, bytesRead: seen.at(-1)!.bytesTotal })
    expect(seen.length).toBeGreaterThan(2)
    for (const [index, progress] of seen.entries()) {
      expect(progress.bytesRead).toBeGreaterThanOrEqual(seen[index - 1]?.bytesRead ?? 0)
    }
  })
  test('P1, P11: large files, which are read in a thread of their own, give what their parts give; stopped they leave nothing', async () => {
    const lines = Array.from({ length: 1500 }, (_, n) => chat(`question ${n} \ud83d\ude00 ${'word '.repeat(300)}`, `\u00e9 ${n}`))
    lines[700] = lines[3]!
    lines[800] = '{"messages": 5}'
    const [whole, parts] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(whole, 'a.jsonl'), lines.join('\n'))
    for (let part = 0; part < 3; part += 1) writeFileSync(join(parts, `${part}.jsonl`), lines.slice(part * 500, part * 500 + 500).join('\n'))
    const [one, other] = [newProject(), newProject()]
    const stop = new AbortController()
    await expect(importPaths(one, [whole], { signal: stop.signal, onProgress: () => stop.abort(new Error('stopped')) })).rejects.toThrow('stopped')
    expect([countTrajectories(one.store), listImportReports(one.store)]).toEqual([0, []])
    const report = await importPaths(one, [whole])
    expect(report).toMatchObject({ kept: 1498, duplicates: 1, files: [{ rejectedCount: 1, rejected: [{ index: 800 }] }] })
    for (let part = 0; part < 3; part += 1) await importPaths(other, [join(parts, `${part}.jsonl`)])
    const rows = (project: Project): unknown[] =>
      listTrajectories(project).map(({ id }) => [getOriginal(project, id).spans, getOriginal(project, id).trajectory.turns])
    expect(rows(one)).toEqual(rows(other))
    expect(searchTrajectories(one.store, 'question', { ranked: false }).seqs).toHaveLength(1498)
  }, 60_000)
  test('P11: two imports at once', async () => {
    const project = newProject()
    const [a, b] = await Promise.all([importPaths(project, [FIXTURES]), importPaths(project, [FIXTURES])])
    expect(a.kept + b.kept).toBe(12)
    expect(a.duplicates + b.duplicates).toBe(20)
  })
})

describe('looking', () => {
  test('the list has the rows of the contract', async () => {
    const rows = listTrajectories(await filledProject())
    expect(rows.map((row) => trajectoryRowSchema.parse(row))).toEqual(rows)
    expect(rows).toHaveLength(8)
    expect(rows[0]).toMatchObject({
      source: 'fireact-openai:fireact.openai.jsonl#0',
      turns: 4,
      spans: { reason: 2, observe: 1, final: 1 },
      guessed: 0,
      outcome: { success: true, reward: 1, detail: 'Episode finished, reward = True' },
    })
    expect(rows.at(-1)!.outcome).toEqual({ success: null, reward: null, detail: 'submitted' })
  })
  test('one in full: spans cover every turn', async () => {
    const project = await filledProject()
    for (const { id } of listTrajectories(project)) {
      const shown = showTrajectory(project, id)
      expect(shownTrajectorySchema.parse(shown)).toEqual(shown)
      for (const turn of shown.turns) {
        expect(turn.spans.map((span) => turn.text.slice(span.start, span.end)).join('')).toBe(turn.text)
      }
    }
    expect(() => showTrajectory(project, 'none')).toThrow('the project has no such trajectory')
  })
})

const correct = (project: Project, trajectoryId: string, change: CorrectionChange): void =>
  void correctTrajectories(project, {
    title: 'test', reason: 'wrong', author: 'me', at: '2025-01-01T00:00:00Z', changes: [{ trajectoryId, change }],
  })

describe('corrections', () => {
  test('P2, P16: change what is shown, listed and found; the original stays', async () => {
    const project = await filledProject()
    const { id, spans } = listTrajectories(project)[0]!
    const before = getTrajectory(project, id)
    const text = before.trajectory.turns[1]!.text
    correct(project, id, { type: 'text', turn: 1, range: { start: 9, end: 9 }, insert: 'Zanzibar ' })
    correct(project, id, { type: 'label', turn: 1, label: 'mistake' })
    const whole = { start: 0, end: text.length + 9, kind: 'reason' as const, rule: 'hand' }
    correct(project, id, { type: 'spans', turn: 1, spans: [whole] })
    const shown = showTrajectory(project, id)
    expect(shown.turns[1]).toMatchObject(
      { text: `${text.slice(0, 9)}Zanzibar ${text.slice(9)}`, label: 'mistake', spans: [whole] },
    )
    expect(shown.corrections.map((correction) => correction.change.type)).toEqual(['text', 'label', 'spans'])
    expect(listTrajectories(project)[0]!.spans).toEqual({ ...spans, act: spans.act - 1 })
    expect(searchTrajectories(project.store, 'zanzibar', { ranked: true }).seqs).toEqual([1])
    expect(getOriginal(project, id).trajectory).toEqual(before.trajectory)
  })
  test('one that does not fit is refused and not kept', async () => {
    const project = await filledProject()
    const { id } = listTrajectories(project)[0]!
    expect(() => correct(project, id, { type: 'text', turn: 99, range: { start: 0, end: 0 }, insert: 'x' })).toThrow(
      'turn 99',
    )
    expect(() => correct(project, 'none', { type: 'label', turn: 1, label: null })).toThrow('no such trajectory')
    expect(showTrajectory(project, id).corrections).toEqual([])
  })
})

describe('dataset revisions', () => {
  test('P6: are addressed by their content, stored once, split by task', async () => {
    const project = newProject()
    await importPaths(project, [FIXTURES])
    const revision = makeDatasetRevision(project, { heldout: 0.4 })
    expect(datasetRevisionSchema.parse(revision)).toEqual(revision)
    expect(revision.id).toBe(sha256(canonicalJson(revision.members)))
    expect(revision.members.map((member) => member.trajectoryId)).toEqual(
      revision.members.map((member) => member.trajectoryId).sort(),
    )
    expect(makeDatasetRevision(project, { heldout: 0.4 })).toEqual(revision)
    expect(findDatasetRevision(project.store, revision.id)).toEqual(revision)
    const sides = new Map<string, Set<string>>()
    for (const { taskId, split } of revision.members) sides.set(taskId, (sides.get(taskId) ?? new Set()).add(split))
    expect([...sides.values()].every((side) => side.size === 1)).toBe(true)
    expect(new Set(revision.members.map((member) => member.split))).toEqual(new Set(['train', 'heldout']))
    expect(makeDatasetRevision(project, { heldout: 0 }).members.every((member) => member.split === 'train')).toBe(true)
  })
  test('P13: are read without keeping others from writing, and are of one moment', async () => {
    const project = await filledProject()
    const other = openProject(project.folder, { create: false })
    onTestFinished(other.dispose)
    const { id } = listTrajectories(project)[0]!
    let written = 0
    // Another process labels the step anew whenever this one is about to read something.
    const statement: Project['store']['statement'] = (sql) => {
      if (sql.startsWith('SELECT')) correct(other, id, { type: 'label', turn: 1, label: written++ === 0 ? 'good' : 'mistake' })
      return project.store.statement(sql)
    }
    const { id: revision, members } = makeDatasetRevision({ ...project, store: { ...project.store, statement } }, { heldout: 0 })
    expect(written).toBeGreaterThan(members.length)
    const seen = [...readDatasetRevision(project, revision)].find((member) => member.trajectory.id === id)!
    expect([seen.labels.get(1), getTrajectory(project, id).labels.get(1)]).toEqual(['good', 'mistake'])
  })
  test('do not depend on the order of import', async () => {
    const one = newProject()
    const other = newProject()
    const files = ['fireact.openai.jsonl', 'function_calling_simple.traj'].map((name) => join(FIXTURES, name))
    await importPaths(one, files)
    await importPaths(other, files.toReversed())
    expect(makeDatasetRevision(one, { heldout: 0.1 })).toEqual(makeDatasetRevision(other, { heldout: 0.1 }))
  })
  test('keep giving the content they were made of, whatever is corrected later', async () => {
    const project = await filledProject()
    const { id } = listTrajectories(project)[0]!
    correct(project, id, { type: 'label', turn: 1, label: 'good' })
    const revision = makeDatasetRevision(project, { heldout: 0.1 })
    const before = [...readDatasetRevision(project, revision.id)]
    expect(before.map((member) => member.trajectory.id)).toEqual(revision.members.map((member) => member.trajectoryId))
    correct(project, id, { type: 'label', turn: 1, label: 'mistake' })
    correct(project, id, { type: 'text', turn: 1, range: { start: 0, end: 1 }, insert: 'x' })
    expect([...readDatasetRevision(project, revision.id)]).toEqual(before)
    expect(makeDatasetRevision(project, { heldout: 0.1 }).id).not.toBe(revision.id)
    const renamed =
      getOriginal(project, id).spans.map((spans) => spans.map((span) => ({ ...span, rule: 'another' })))
    project.store.statement('UPDATE span SET spans = ? WHERE seq = (SELECT seq FROM trajectory WHERE id = ?)').run(packSpans(renamed), id)
    expect(() => [...readDatasetRevision(project, revision.id)]).toThrow(
      'no longer what the dataset revision was made of',
    )
    expect(() => [...readDatasetRevision(project, 'none')]).toThrow('no such dataset revision')
  })
})

const DATA = 'data/fireact/hotpotqa_multimethod.openai.jsonl'
test.skipIf(!haveShared(DATA))('the FireAct files: 733 and 28 kept, 472 duplicates, 722 tasks, a tenth of them held out', async () => {
  const project = newProject()
  const report = await importPaths(project, [sharedPath(DATA), sharedPath('data/fireact/hotpotqa.alpaca.json')])
  expect(report.files.map(({ kept, duplicates, rejected }) => [kept, duplicates, rejected.length])).toEqual(
    [[733, 0, 0], [28, 472, 0]],
  )
  const { members } = makeDatasetRevision(project, { heldout: 0.1 })
  const held = members.filter((member) => member.split === 'heldout')
  expect([members.length, new Set(members.map((member) => member.taskId)).size]).toEqual([761, 722])
  expect([held.length, new Set(held.map((member) => member.taskId)).size]).toMatchInlineSnapshot(`
    [
      77,
      72,
    ]
  `)
})

test('the demo data is the FireAct file, with its licence', () => {
  const demo = resolve(import.meta.dirname, '../../../resources/demo')
  const text = readFileSync(join(demo, 'hotpotqa_multimethod.openai.jsonl'))
  expect(sha256(text)).toBe('2220b96cceb289d722f152c4f3f0681e87b9ff61e7c96742ad9fe17fb87ced14')
  expect(readFileSync(join(demo, 'LICENSE.fireact'), 'utf8')).toMatch(/^MIT License/)
})
