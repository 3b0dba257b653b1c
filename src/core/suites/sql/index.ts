// Suite `sql`: questions on small databases, answered by queries.
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import type { Tool } from '../../../shared/records/trajectory.ts'
import { type Episode, STYLES } from '../../agent/index.ts'
import { sameWords } from '../answers.ts'
import { isNumber, sameRounded } from '../number.ts'
import { taskId } from '../seeds.ts'
import type { Problem, Suite } from '../suite.ts'
import { scriptOf } from './database.ts'
import { sqlExpert } from './expert.ts'
import type { Answer } from './plan.ts'
import { familyOf, KINDS, questionAt } from './question.ts'
import { SCHEMAS } from './schemas.ts'

const RULES = 'Answer the question from the SQLite database. Use sql[query] to query it and finish[answer] to answer; several values are divided by commas.'

const TEACHING = `
Rules:
- Look at the schema first: sql[SELECT sql FROM sqlite_master]. Tables and columns may be called otherwise than in the question.
- The database can be read, not changed. Mend a query that fails; do not repeat it.
- Answer with the value alone: a number, a name, or names divided by commas, in the order that is asked for.

Example:
Question: Database 27 of Elsa Dorn: How many loans does Ada Brenk have?
Thought: I need the number of loans of Ada Brenk. First I look at the tables.
Action: sql[SELECT sql FROM sqlite_master]
Observation: sql
CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT, quarter TEXT, age INTEGER)
CREATE TABLE loans (id INTEGER PRIMARY KEY, reader_id INTEGER REFERENCES readers(id), days INTEGER)
Thought: reader_id in loans is the id of readers. I count the rows of Ada Brenk.
Action: sql[SELECT COUNT(*) FROM loans JOIN readers ON readers.id = loans.reader_id WHERE readers.name = 'Ada Brenk']
Observation: COUNT(*)
4
Thought: The result is 4.
Action: finish[4]`

const families = (seen: boolean): string[] => SCHEMAS.filter((schema) => schema.seen === seen).flatMap((schema) => KINDS.map((kind) => familyOf(schema, kind)))

export const sql: Suite = {
  name: 'sql',
  title: 'Questions on databases',
  summary:
    'Questions on generated SQLite databases of three tables, whose names of tables and columns change from task to task. Held-out: other rows, names and numbers, so that no eight words of a question are in both; ood: subjects that training never has.',
  families: { train: families(true), ood: families(false) },
  style: 'react',
  styles: ['react', 'native'],
  limits: { steps: 8, turnTokens: 240 },
  studentPrompt: () => RULES,
  teacherPrompt: (tools: readonly Tool[]) => `${STYLES.react.instructions(tools)}\n${TEACHING}`,
  cotPrompt: null,
  problem,
  foreign: null,
}

function problem(place: TaskPlace): Problem {
  const drawn = questionAt(place)
  const { schema, database, plan, question, answer } = drawn
  const id = taskId('sql', place)
  const task: SuiteTask = { suite: 'sql', ...place, id, family: familyOf(schema, plan.kind), question, answer: answer.values.join(', ') }
  const scoreAnswer = (given: string): boolean => isRight(given, answer)
  return {
    task,
    kits: (tools) => [tools.sql({ script: scriptOf(database), access: 'read' })],
    scoreAnswer,
    score({ end }: Episode) {
      const given = end?.answer ?? null
      const success = given !== null && scoreAnswer(given)
      return { success, reward: success ? 1 : 0, detail: given === null ? `no answer, expected ${task.answer}` : `answered ${given}, expected ${task.answer}` }
    },
    expert: (seed, options) => sqlExpert(id, drawn, { seed, options }),
    rationale: null,
    retrieve: null,
  }
}

const same = (given: string, right: string): boolean => (isNumber(right) ? sameRounded(given, right) : sameWords(given, right))

/** Several values may be divided by commas, semicolons, lines or "and"; their order counts only where it was asked for. */
export function isRight(given: string, { values, ordered }: Answer): boolean {
  if (values.length === 1) return same(given, values[0]!)
  const items = given.split(/[,;\n]|\band\b/).map((item) => item.trim()).filter((item) => item !== '')
  if (items.length !== values.length) return false
  return ordered ? values.every((value, at) => same(items[at]!, value)) : values.every((value) => items.some((item) => same(item, value)))
}
