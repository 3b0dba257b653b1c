// The most probable next tokens of each row and their log-probabilities, in chunks of rows.
import { chunkedRows, logSumExp, matmul, sub, toFloat, topK, type Value } from '../../tensor/index.ts'

/** Of hidden states h [N, d] through the head W [V, d]: ids [N, k] (as real numbers) and log-probabilities [N, k], descending. */
export function topOfHead(h: Value, head: Value, k: number): { ids: Value; logProbs: Value } {
  const [ids, logProbs] = chunkedRows({ rows: [h], shared: [head] }, ([chunk], [w]) => {
    const logits = matmul(chunk as Value, w as Value, { transposeB: true })
    const { values, columns } = topK(logits, k)
    return [toFloat(columns), sub(values, logSumExp(logits).y)]
  }) as [Value, Value]
  return { ids, logProbs }
}
