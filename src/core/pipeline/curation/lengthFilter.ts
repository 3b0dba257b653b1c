// Filter 6: length: what does not fit into the student's context, in the student's own tokens by its own template.
import { rejectEach, type Filter } from './filter.ts'

export const lengthFilter: Filter<'length'> = {
  lacks: (_, { student }) => (student === null ? 'no student is named, and lengths are in its tokens' : null),
  async run(candidates, context) {
    const student = context.world.student!
    const most = context.settings.context ?? student.context
    let longest = 0
    const rejected = await rejectEach(candidates, context, (candidate) => {
      const found = student.tokens(candidate)
      if ('refused' in found) return { reason: "the student's template does not take it", detail: found.refused }
      if (found.tokens > most) return { reason: "longer than the student's context", detail: `${found.tokens} tokens; at most ${most}` }
      longest = Math.max(longest, found.tokens)
      return null
    })
    return { rejected, notes: [`context ${most} tokens; the longest that is kept has ${longest}`] }
  },
}
