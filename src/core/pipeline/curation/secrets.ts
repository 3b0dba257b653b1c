// Secrets and personal data in texts: by form, and where the form alone is weak by a check (entropy, Luhn, address ranges).
import type { SecretKind } from '../../../shared/records/curation.ts'

/** Half-open UTF-16 range of the text. The secret itself is never handed on. */
export type SecretPlace = { readonly kind: SecretKind; readonly start: number; readonly end: number }

type Rule = {
  readonly kind: SecretKind
  readonly pattern: RegExp
  /** The group that is the secret; 0: all. */
  readonly group?: number
  readonly holds?: (found: string, context: { readonly before: string; /** On both sides, farther. */ readonly near: string }) => boolean
}

/** Shannon entropy of the characters, in bits each. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  const length = [...text].length
  return [...counts.values()].reduce((sum, count) => sum - (count / length) * Math.log2(count / length), 0)
}

/** Luhn's check digit (ISO/IEC 7812-1). */
export function luhn(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    sum += place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/** Bits a character: random letters and digits of 20 characters have about 4, words and `xxxx` placeholders below 3. */
const RANDOM_FROM = 3
const random = (text: string): boolean => entropyOf(text) >= RANDOM_FROM
/** What names alone promise to be a secret must look like one: letters and digits mixed, and no word of a manual. */
const looksRandom = (text: string): boolean => /\d/.test(text) && /[a-z]/i.test(text) && entropyOf(text) >= 3.5

/** Card numbers that every payment manual prints. */
const TEST_CARDS = new Set(['4111111111111111', '4242424242424242', '4012888888881881', '5555555555554444', '5105105105105100', '378282246310005', '371449635398431', '6011111111111117'])

function isCard(found: string): boolean {
  const digits = found.replace(/\D/g, '')
  return digits.length >= 13 && digits.length <= 19 && !/^(\d)\1+$/.test(digits) && luhn(digits) && !TEST_CARDS.has(digits)
}

/** Private, loopback, link-local, documentation, multicast and unspecified ranges (RFC 1918, 5735, 5737) point at nobody. */
function isPublicIp4(found: string): boolean {
  const parts = found.split('.').map(Number)
  if (parts.some((part) => part > 255)) return false
  const [a, b, c] = parts as [number, number, number, number]
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if ((a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)) return false
  return !((a === 192 && b === 0) || (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) || (a === 203 && b === 0 && c === 113))
}

/** Global unicast (2000::/3, RFC 4291) without the documentation range 2001:db8::/32; at least four groups written. */
function isPublicIp6(found: string): boolean {
  const groups = found.split(':').filter((group) => group !== '')
  return /^[23][0-9a-f]{3}$/i.test(groups[0] ?? '') && groups.length >= 4 && groups.length <= 8 && !/^2001:0?db8:/i.test(found) && (groups.length === 8 || found.includes('::'))
}

/** Domains that are nobody's (RFC 2606, 6761), and local parts of examples. */
const NOBODY = /@(?:[\w-]+\.)*(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|domain\.com|email\.com)$/i

const GENERIC_HOME = /^(?:user|users|username|name|your[\w-]*|you|me|shared|public|default|runner|ubuntu|root|node|app|agent|vscode|codespace|<.*)$/i

/** Where a dotted number is a version. */
const VERSION = /(?:\bv|version|release|firmware|build|chrome\/|firefox\/|edg\/|safari\/|os x|==|>=|<=|\^|~)\s*$/i

/** Where dotted numbers are numbers of parts. */
const NUMBERED = /(?:\b(?:sections?|chapter|clause|appendix|article|paragraph|figure|fig\.?|table|item|step|rule|part|requirement|no\.?|nr\.?)|§+|#)\s*$/i

const CARD = /(?<![\d.,-])[3-6]\d{3}(?:([ -]?)\d{4}\1\d{4}\1\d{1,7}|([ -]?)\d{6}\2\d{5})(?![\d.,-]*\d)/g
const OF_CARDS = /\b(?:cards?|visa|master ?card|maestro|amex|american express|discover|diners|credit|debit|payment|pay with|billing|cvv|cvc|cc|pan|expir\w*|exp)(?![a-z])/i

/** The first rule that claims a place keeps it. */
const RULES: readonly Rule[] = [
  { kind: 'private-key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/g },
  // Prefixes as their makers document them: AWS, GitHub, GitLab, Slack, Google, Hugging Face, npm, Stripe, Anthropic, OpenAI.
  { kind: 'key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, holds: (found) => random(found.slice(4)) && !found.includes('EXAMPLE') },
  { kind: 'key', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|[sr]k_live_[A-Za-z0-9]{16,})/g, holds: random },
  { kind: 'key', pattern: /\bsk-(?:ant-|proj-|or-)?[\w-]{20,}/g, holds: (found) => /\d/.test(found) && random(found.slice(3)) },
  { kind: 'key', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g },
  { kind: 'key', pattern: /\b(?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|auth[_-]?token|access[_-]?token|token|passw(?:or)?d|pwd)["']?\s*[:=]\s*["']?([\w\-+/=.]{16,})/gi, group: 1, holds: looksRandom },
  { kind: 'key', pattern: /\bBearer\s+([\w\-+/=.]{20,})/g, group: 1, holds: looksRandom },
  // One number of ten passes Luhn's check: a card's number is one where words near it say so.
  { kind: 'card', pattern: CARD, holds: (found, { near }) => isCard(found) && OF_CARDS.test(near) },
  { kind: 'card-form', pattern: CARD, holds: isCard },
  { kind: 'email', pattern: /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/gu, holds: (found) => !NOBODY.test(found) && !/\.(?:png|jpe?g|gif|svg|webp|py|js|ts)$/i.test(found) && !found.startsWith('git@') },
  { kind: 'ip', pattern: /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]*\w)/g, holds: (found, { before }) => isPublicIp4(found) && !VERSION.test(before) && !NUMBERED.test(before) },
  { kind: 'ip', pattern: /(?<![\w:.])[0-9a-f]{4}:(?:[0-9a-f]{0,4}:){2,6}[0-9a-f]{0,4}(?![\w:])/gi, holds: isPublicIp6 },
  // International with its +, or the North American form with an area code. 555-01xx is for fiction.
  { kind: 'phone', pattern: /(?<![\w+.,/-])\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){1,4}(?![\w.,-]*\d)/g, holds: (found) => /^\d{8,15}$/.test(found.replace(/\D/g, '')) && !/555.?01\d\d$/.test(found) },
  { kind: 'phone', pattern: /(?<![\w+.,/-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}([ .-]))[2-9]\d{2}[ .-]\d{4}(?![\w.,-]*\d)/g, holds: (found) => !/555.?01\d\d$/.test(found) },
  { kind: 'home-path', pattern: /(?:\/home\/|\/Users\/|\b[A-Za-z]:\\{1,2}Users\\{1,2})([\w.-]+)/g, group: 1, holds: (found) => !GENERIC_HOME.test(found) },
]

/** Characters before a place, and on both sides of it, that a check may look at. */
const CONTEXT = 16
const NEAR = 60

/** All places, in the order of the text; none overlaps another. */
export function findSecrets(text: string): SecretPlace[] {
  const found: SecretPlace[] = []
  for (const { kind, pattern, group = 0, holds } of RULES) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[group]!
      const start = match.index + (group === 0 ? 0 : match[0].lastIndexOf(secret))
      const end = start + secret.length
      if (holds && !holds(secret, { before: text.slice(Math.max(0, start - CONTEXT), start), near: text.slice(Math.max(0, start - NEAR), end + NEAR) })) continue
      if (found.some((one) => start < one.end && one.start < end)) continue
      found.push({ kind, start, end })
    }
  }
  return found.sort((a, b) => a.start - b.start)
}
