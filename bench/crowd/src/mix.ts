/** What a buyer intends. Those who `wait` give their slot back at once. */
export const intents = ['buy', 'leave', 'be-declined', 'wait'] as const
export type Intent = (typeof intents)[number]

/** Number of buyers with each intent, of a hundred. */
export type Mix = Readonly<Record<Intent, number>>

export const usualMix: Mix = { buy: 30, leave: 10, 'be-declined': 5, wait: 55 }

/** A step that has no common divisor with a hundred visits every hundredth once. */
const STEP = 37
const HUNDRED = 100

/**
 * Returns a buyer's intent: evenly mixed, the same for every crowd of a size and seed. Pure; throws unless the shares
 * sum to 100.
 */
export function intentOf(index: number, mix: Mix = usualMix, seed = 0): Intent {
  const sum = intents.reduce((total, intent) => total + mix[intent], 0)
  if (sum !== HUNDRED) throw new RangeError(`The shares of a mix add up to ${sum}, not 100.`)
  const hundredth = (index * STEP + seed) % HUNDRED
  let reached = 0
  for (const intent of intents) {
    reached += mix[intent]
    if (hundredth < reached) return intent
  }
  return 'wait'
}

/** Tells whether a buyer is among `percent` of a hundred; independent of its intent. Pure. */
export function isAmong(percent: number, index: number, seed = 0): boolean {
  return (Math.floor(index / HUNDRED) + index * 61 + seed) % HUNDRED < percent
}

/** Parses `buy=30,leave=10,…`; an omitted intent has no buyers, and the rest waits. Pure; throws on anything else. */
export function parseMix(text: string): Mix {
  const mix = { buy: 0, leave: 0, 'be-declined': 0, wait: 0 }
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name, share] = part.split('=')
    const intent = intents.find((each) => each === name)
    const percent = Number(share)
    if (intent === undefined || !Number.isInteger(percent) || percent < 0 || percent > HUNDRED)
      throw new RangeError(`"${part}" is not INTENT=PERCENT; the intents are ${intents.join(', ')}.`)
    mix[intent] = percent
  }
  const named = mix.buy + mix.leave + mix['be-declined'] + mix.wait
  if (named > HUNDRED) throw new RangeError(`The shares of "${text}" add up to ${named}, more than 100.`)
  return { ...mix, wait: mix.wait + HUNDRED - named }
}
