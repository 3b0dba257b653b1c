// adapter_config.json of a PEFT LoRA: written for an adapter, read with a refusal of settings that change its meaning.
import type { Adapter } from './adapter.ts'
import { AdapterError } from './adapter.ts'
import { moduleOfTensor } from './modules.ts'

/** Modules by their last name; one that not all layers adapt by its names in those that do. PEFT compares ends of names. */
function targetModules({ architecture, matrices }: Adapter): string[] {
  const modules = Array.from(matrices.keys(), (name) => moduleOfTensor(architecture, name))
  const layers = 1 + Math.max(...modules.map(({ layer }) => layer))
  const everywhere = (path: string): boolean => modules.filter((module) => module.path === path).length === layers
  const names = modules.map(({ layer, path }) =>
    everywhere(path) ? path.slice(path.lastIndexOf('.') + 1) : `layers.${layer}.${path}`,
  )
  return [...new Set(names)].toSorted()
}

/** Text of adapter_config.json. `baseModel` is the name or path that PEFT loads the base model from. */
export function peftConfig(adapter: Adapter, baseModel: string): string {
  const config = {
    base_model_name_or_path: baseModel,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    lora_alpha: adapter.alpha,
    lora_dropout: adapter.dropout ?? 0,
    peft_type: 'LORA',
    r: adapter.rank,
    target_modules: targetModules(adapter),
    task_type: 'CAUSAL_LM',
    use_rslora: adapter.rankStable ?? false,
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** Settings that must have one of these values, as JSON; an absent one counts as null. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  peft_type: ['"LORA"'],
  bias: ['"none"', 'null'],
  fan_in_fan_out: ['false', 'null'],
  use_dora: ['false', 'null'],
  use_rslora: ['false', 'true', 'null'],
  rank_pattern: ['{}', 'null'],
  alpha_pattern: ['{}', 'null'],
  modules_to_save: ['[]', 'null'],
}

/** Rank, scale and dropout of a plain LoRA; throws AdapterError for anything else. */
export function readPeftConfig(text: string): Pick<Adapter, 'rank' | 'alpha' | 'rankStable' | 'dropout'> {
  const fail = (found: string, expected: string): never => {
    throw new AdapterError('adapter_config.json', { found, expected })
  }
  let config: Record<string, unknown>
  try {
    config = Object(JSON.parse(text)) as Record<string, unknown>
  } catch (error) {
    return fail(`text that is not JSON (${(error as Error).message})`, 'a JSON object')
  }
  for (const [key, allowed] of Object.entries(REQUIRED)) {
    const found = JSON.stringify(config[key] ?? null)
    if (!allowed.includes(found)) fail(`${key} ${found}`, allowed.join(' or '))
  }
  const { r: rank, lora_alpha: alpha } = config
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1) {
    return fail(`r ${JSON.stringify(rank)}`, 'a whole number from 1')
  }
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
    return fail(`lora_alpha ${JSON.stringify(alpha)}`, 'a number')
  }
  const dropout = config['lora_dropout'] ?? 0
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1)) return fail(`lora_dropout ${JSON.stringify(dropout)}`, 'a share below 1')
  return { rank, alpha, ...(config['use_rslora'] === true && { rankStable: true }), ...(dropout > 0 && { dropout }) }
}
