// Plans that a project keeps: a JSON file each, written whole, in its folder `plans`.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readPlan } from '../../core/pipeline/curriculum/index.ts'
import type { KeptPlan } from '../../shared/contract/routes/curriculum.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { sha256, systemError, withFolderLock, writeFileAtomic, ensureFolder } from '../files/index.ts'

const ENDING = '.json'
const folderOf = (project: string): string => join(project, 'plans')
const fileOf = (project: string, id: string): string => join(folderOf(project), `${id}${ENDING}`)

/** Reads a plan from any file. Throws RetortError `bad-plan` with what is wrong and where, or what the system refuses. */
export function readPlanFile(path: string): Plan {
  const text = readText(path)
  const bad = (found: string): RetortError =>
    new RetortError({ code: 'bad-plan', message: 'this file is not a plan', where: path, found, expected: 'a plan as `retort plan make` writes it' })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw bad(brokenAt(text, error))
  }
  const { plan, problems } = readPlan(json)
  if (plan) return plan
  throw bad(problems.map(({ path: at, message }) => `${at === '' ? 'the document' : at}: ${message}`).join('; '))
}

/** Where JSON breaks off, by what the parser says of it. */
function brokenAt(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const at = /at position (\d+)/.exec(message)?.[1]
  if (at === undefined && !message.includes('end of')) return text.trim() === '' ? 'an empty file' : 'no JSON'
  const before = (at === undefined ? text : text.slice(0, Number(at))).split('\n')
  return text.trim() === '' ? 'an empty file' : `no JSON: it breaks off at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const known = systemError(error, path) ?? error
    if (!(known instanceof RetortError) || known.code !== 'file-missing') throw known
    throw new RetortError({ ...errorParts(known), expected: 'a plan', advice: 'make one with `retort plan make --out FILE`' })
  }
}

/** Writes a plan whole, or leaves the file as it was. */
export const writePlanFile = (path: string, plan: Plan): void => writeFileAtomic(path, textOf(plan))

const textOf = (plan: Plan): string => `${JSON.stringify(plan, null, 2)}\n`
const revisionOf = (text: string): string => sha256(text).slice(0, 16)

/** By name; what cannot be read is there with its reason. */
export function listPlans(project: string): KeptPlan[] {
  const folder = folderOf(project)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith(ENDING) && !name.startsWith('.'))
  const rows = names.map((name): KeptPlan => {
    const path = join(folder, name)
    const [id, modified] = [name.slice(0, -ENDING.length), statSync(path).mtime.toISOString()]
    try {
      const plan = readPlanFile(path)
      return { id, name: plan.name, stages: plan.stages.length, modified, problem: null }
    } catch (error) {
      if (!(error instanceof RetortError)) throw error
      return { id, name: id, stages: 0, modified, problem: error.found ?? error.message }
    }
  })
  return rows.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
}

export type LoadedPlan = { readonly id: string; readonly plan: Plan; readonly revision: string }

/** Throws RetortError `plan-missing`, or `bad-plan` where it cannot be read. */
export function loadPlan(project: string, id: string): LoadedPlan {
  const path = fileOf(project, id)
  if (!existsSync(path)) throw new RetortError({ code: 'plan-missing', message: `there is no plan ${id}`, where: folderOf(project) })
  return { id, plan: readPlanFile(path), revision: revisionOf(readText(path)) }
}

/** Letters and digits of the name, small, with - between them. */
const slug = (name: string): string =>
  name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60).replace(/-+$/, '') || 'plan'

/** As a file of its own without `id`; see the contract for `revision`. */
export function savePlan(project: string, saved: { plan: Plan; id?: string | undefined; revision?: string | undefined }): { id: string; revision: string } {
  const folder = folderOf(project)
  ensureFolder(folder)
  return withFolderLock(folder, () => {
    const id = saved.id ?? freeId(folder, slug(saved.plan.name))
    const path = fileOf(project, id)
    if (saved.revision !== undefined && (!existsSync(path) || revisionOf(readText(path)) !== saved.revision)) {
      throw new RetortError({
        code: 'plan-changed',
        message: 'this plan has been changed elsewhere since it was opened',
        where: path,
        expected: 'the plan as it was opened',
        advice: 'open it again, or save yours under another name',
      })
    }
    writePlanFile(path, saved.plan)
    return { id, revision: revisionOf(textOf(saved.plan)) }
  })
}

/** The first of `name`, `name-2`, `name-3` ... that no file has. */
function freeId(folder: string, name: string): string {
  for (let number = 1; ; number++) {
    const id = number === 1 ? name : `${name}-${number}`
    if (!existsSync(join(folder, `${id}${ENDING}`))) return id
  }
}

/** Nothing happens when there is none. */
export const removePlan = (project: string, id: string): void => rmSync(fileOf(project, id), { force: true })
