// Filter 4: step critic: too many steps that were not needed, or mistakes that nothing mends, by labels of hand or judge (SRFT).
import type { ProposedLabel } from '../../../shared/records/curation.ts'
import type { StepLabel } from '../../../shared/records/correction.ts'
import { idOf, type Candidate, type Filter, type FilterContext, type Finding } from './filter.ts'
import { criticPrompt, readLabels, unjudged } from './judging.ts'

export const criticFilter: Filter<'critic'> = {
  lacks: ({ ask }, { judge }) => (ask && judge === null ? 'critic.ask is on, and no judge is named' : null),
  async run(candidates, context) {
    const { asked, labels, unread, open } = context.settings.ask ? await askJudge(candidates, context) : NOT_ASKED
    let labelled = 0
    const rejected = candidates.flatMap((candidate): Finding[] => {
      const own = candidate.labels.size > 0 ? candidate.labels : asked.get(idOf(candidate))
      if (!own || own.size === 0) return []
      labelled += 1
      const found = judged(own, context.settings)
      return found ? [{ id: idOf(candidate), ...found }] : []
    })
    const notes = [
      ...open.notes,
      `${labelled} of ${candidates.length} have labels`,
      ...(unread > 0 ? [`${unread} answers of the judge held no labels`] : []),
    ]
    return { rejected, notes, labels, flagged: open.flagged }
  },
}

type Labels = ReadonlyMap<number, StepLabel>
type Asked = { readonly asked: ReadonlyMap<string, Labels>; readonly labels: ProposedLabel[]; readonly unread: number; readonly open: ReturnType<typeof unjudged> }

const NOT_ASKED: Asked = { asked: new Map(), labels: [], unread: 0, open: { flagged: [], notes: [] } }

function judged(labels: Labels, { mistakes, unnecessary }: FilterContext<'critic'>['settings']): Omit<Finding, 'id'> | null {
  const inOrder = [...labels].sort(([a], [b]) => a - b)
  const useless = inOrder.filter(([, label]) => label === 'unnecessary').length
  if (useless / inOrder.length > unnecessary) return { reason: 'too many unnecessary steps', detail: `${useless} of ${inOrder.length} labelled steps` }
  const last = inOrder.findLast(([, label]) => label === 'mistake')
  if (!last || mistakes === 'allow') return null
  const where = `turn ${last[0] + 1}`
  if (mistakes === 'reject') return { reason: 'a mistake', detail: where }
  const mended = inOrder.some(([turn, label]) => turn > last[0] && (label === 'recover' || label === 'good'))
  return mended ? null : { reason: 'a mistake that nothing mends', detail: where }
}

async function askJudge(candidates: readonly Candidate[], { world, onProgress }: FilterContext<'critic'>): Promise<Asked> {
  const open = candidates.filter(({ labels }) => labels.size === 0)
  const answers = await world.judge!.ask(open.map(criticPrompt), onProgress)
  const asked = new Map<string, Labels>()
  const labels: ProposedLabel[] = []
  let unread = 0
  open.forEach((candidate, place) => {
    const turns = candidate.trajectory.turns.flatMap(({ role }, index) => (role === 'agent' ? [index] : []))
    const answer = answers[place]!
    const read = 'text' in answer ? readLabels(answer.text, turns.length) : null
    if ('unasked' in answer) return
    if (read === null) return void (unread += 1)
    asked.set(idOf(candidate), new Map(turns.map((turn, index) => [turn, read[index]!])))
    labels.push(...turns.map((turn, index) => ({ id: idOf(candidate), turn, label: read[index]! })))
  })
  return { asked, labels, unread, open: unjudged(open, answers) }
}
