// An adapter as the two files of a PEFT folder, both ways. Layout: peft LoraConfig and get_peft_model_state_dict.
import { readFloats, readSafetensors, writeSafetensors } from '../../formats/safetensors/index.ts'
import type { SafetensorsInput } from '../../formats/safetensors/index.ts'
import type { ByteSink, ByteSource } from '../../ports/index.ts'
import { AdapterError, pairMatrices } from './adapter.ts'
import type { Adapter, LoraHalves, LoraMatrices } from './adapter.ts'
import { ARCHITECTURES, moduleOfTensor, tensorOfModule } from './modules.ts'
import type { Heads } from './modules.ts'
import { readPeftConfig } from './peftConfig.ts'
import { halvesToInterleaved, interleavedToHalves } from './rowOrder.ts'

/** Names of the files in a PEFT folder. */
export const PEFT_CONFIG_FILE = 'adapter_config.json'
export const PEFT_WEIGHTS_FILE = 'adapter_model.safetensors'

const PREFIX = 'base_model.model.model.layers'

/** Writes adapter_model.safetensors: float32, PEFT's names, rows in transformers' order. */
export function writePeftWeights({ adapter, heads, sink }: { adapter: Adapter; heads: Heads; sink: ByteSink }): void {
  const tensors = Array.from(adapter.matrices).flatMap(([name, matrices]): SafetensorsInput[] => {
    const { layer, path, interleaved } = moduleOfTensor(adapter.architecture, name)
    const rows = { data: matrices.b, columns: adapter.rank }
    const b = interleaved ? interleavedToHalves({ ...rows, heads: heads[interleaved] }) : matrices.b
    const module = `${PREFIX}.${layer}.${path}`
    return [
      { name: `${module}.lora_A.weight`, shape: [adapter.rank, matrices.in], data: matrices.a },
      { name: `${module}.lora_B.weight`, shape: [matrices.out, adapter.rank], data: b },
    ]
  })
  writeSafetensors({ tensors, metadata: { format: 'pt' }, sink })
}

export type PeftFolder = {
  /** Text of adapter_config.json. */
  readonly config: string
  /** adapter_model.safetensors. */
  readonly weights: ByteSource
  /** Of the student; PEFT files do not say it. */
  readonly architecture: string
  readonly heads: Heads
}

/** Reads a PEFT LoRA back into GGUF order. Throws FormatError or AdapterError. */
export function readPeft({ config, weights, architecture, heads }: PeftFolder): Adapter {
  const { rank, ...scale } = readPeftConfig(config)
  const file = readSafetensors(weights)
  const halves = new Map<string, LoraHalves>()
  for (const tensor of file.tensors.values()) {
    const match = /^base_model\.model\.model\.layers\.(\d+)\.([\w.]+)\.lora_([AB])\.weight$/.exec(tensor.name)
    if (!match) {
      const expected = `names such as ${PREFIX}.0.self_attn.q_proj.lora_A.weight`
      throw new AdapterError(file.name, { found: `tensor "${tensor.name}"`, expected })
    }
    const name = tensorOfModule(architecture, { layer: Number(match[1]), path: match[2]! })
    const half = { data: readFloats({ source: weights, file, name: tensor.name }), shape: tensor.shape }
    halves.set(name, { ...halves.get(name), [match[3] === 'A' ? 'a' : 'b']: half })
  }
  const paired = pairMatrices(inFileOrder(halves, architecture), file.name)
  if (paired.rank !== rank) {
    throw new AdapterError(file.name, { found: `rank ${paired.rank}`, expected: `r ${rank} of ${PEFT_CONFIG_FILE}` })
  }
  const toGguf = ([name, matrices]: [string, LoraMatrices]): [string, LoraMatrices] => {
    const { interleaved } = moduleOfTensor(architecture, name)
    if (!interleaved) return [name, matrices]
    const b = halvesToInterleaved({ data: matrices.b, columns: rank, heads: heads[interleaved] })
    return [name, { ...matrices, b }]
  }
  return { rank, ...scale, architecture, matrices: new Map(Array.from(paired.matrices, toGguf)) }
}

/** By layer, then in the order of the architecture's table: safetensors files are sorted by name, 10 before 2. */
function inFileOrder(halves: ReadonlyMap<string, LoraHalves>, architecture: string): Map<string, LoraHalves> {
  const paths = Object.values(ARCHITECTURES[architecture]!).map(({ path }) => path)
  const rankOf = ([name]: [string, LoraHalves]): number => {
    const { layer, path } = moduleOfTensor(architecture, name)
    return layer * paths.length + paths.indexOf(path)
  }
  return new Map(Array.from(halves).toSorted((a, b) => rankOf(a) - rankOf(b)))
}
