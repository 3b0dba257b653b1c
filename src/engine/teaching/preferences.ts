// The preferences that a project keeps: those in force, and of pairs that say the very same one.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { type ListedPreference, type Preference, preferenceSchema } from '../../shared/records/preference.ts'
import { entryInForce, type Project } from '../project/index.ts'

export const preferencesPath = (project: string): string => join(project, 'preferences.jsonl')

/** Those whose correction is in force, oldest first, as they are stored. Throws RetortError `preferences-damaged`. */
export function preferencesInForce(project: Project): Preference[] {
  const path = preferencesPath(project.folder)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index): Preference[] => {
    if (line === '') return []
    try {
      const preference = preferenceSchema.parse(JSON.parse(line))
      return entryInForce(project, preference.entry) ? [preference] : []
    } catch (error) {
      // What a machine that died left of the last line: its correction is there, its preference is not.
      if (index === lines.length - 1) return []
      throw new RetortError({ code: 'preferences-damaged', message: 'a preference cannot be read', where: `${path}, line ${index + 1}`, found: error instanceof Error ? error.message.slice(0, 200) : String(error), expected: 'a preference as JSON', advice: 'take the line out' })
    }
  })
}

/** Likewise; a pair that older versions stored more than once is one, and says what else it is stored as. The file stays as it is. */
export function listPreferences(project: Project): ListedPreference[] {
  const pairs = new Map<string, ListedPreference & { again: ListedPreference['again'] }>()
  for (const preference of preferencesInForce(project)) {
    const { trajectoryId, turn, tools, context, chosen, rejected, id, at, author, provenance, entry } = preference
    const pair = canonicalJson({ trajectoryId, turn, tools, context, chosen, rejected })
    const known = pairs.get(pair)
    if (known) known.again.push({ id, at, author, provenance, entry })
    else pairs.set(pair, { ...preference, again: [] })
  }
  return [...pairs.values()]
}
