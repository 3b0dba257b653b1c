// Every row of the table of losses in the interpreter: values and gradients against PyTorch's, and against finite differences.
import { describe, expect, test } from 'vitest'
import { LOSSES } from '../../../../src/core/nn/losses/index.ts'
import { interpret, type NdArray } from '../../../../src/core/tensor/index.ts'
import { relativeError } from '../../../support/golden.ts'
import { golden, lossCases, n, tensors, trainedHead, vocab, weights } from '../../../support/lossCases.ts'
import { random } from '../../../support/random.ts'

test('the golden is what it says: twelve tokens, two of them without weight', () => {
  expect([n, vocab, weights.filter((w) => w === 0).length]).toEqual([12, 64, 2])
})

test('every row of the table has a case', () => {
  const names = Object.keys(lossCases).join().toLowerCase().replaceAll(' ', '')
  for (const name of Object.keys(LOSSES)) expect(names).toContain(name.toLowerCase())
})

describe.each(Object.entries(lossCases))('%s', (_name, one) => {
  const [perToken, mean, gradient] = interpret([one.perToken, one.mean, one.gradient], one.feeds) as [NdArray, NdArray, NdArray]

  test('is what PyTorch found', () => {
    const expected = golden.losses[one.golden]!
    expect(relativeError(perToken.data, expected.per_token)).toBeLessThan(1e-6)
    expect(relativeError(mean.data, [expected.weighted_mean])).toBeLessThan(1e-6)
    // The golden's gradients are float32.
    expect(relativeError(gradient.data, tensors.get(`${one.golden}.grad`)!)).toBeLessThan(1e-6)
  })

  test('its gradient is that of its values', () => {
    const next = random(4)
    const h = one.feeds.get('h')!
    const at = (data: Float64Array): number => interpret([one.mean], new Map(one.feeds).set('h', { shape: h.shape, data }))[0]!.data[0]!
    for (let trial = 0; trial < 25; trial++) {
      const i = Math.floor(next() * h.data.length)
      const x = h.data[i]!
      const numeric = (at(h.data.with(i, x + 1e-5)) - at(h.data.with(i, x - 1e-5))) / 2e-5
      expect(gradient.data[i]).toBeCloseTo(numeric, 8)
    }
  })
})

test('several distributions at once, rows without one, a head that is trained: gradients of both are those of the loss', () => {
  const { loss, gradients, feeds } = trainedHead(9)
  const found = interpret(gradients, feeds)
  ;['h', 'head'].forEach((name, g) => {
    const { shape, data } = feeds.get(name)!
    const at = (values: Float64Array): number => interpret([loss], new Map(feeds).set(name, { shape, data: values }))[0]!.data[0]!
    data.forEach((x, i) => {
      const numeric = (at(data.with(i, x + 1e-5)) - at(data.with(i, x - 1e-5))) / 2e-5
      expect(found[g]!.data[i], `${name} ${i}`).toBeCloseTo(numeric, 7)
    })
  })
})
