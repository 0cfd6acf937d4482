import { type ArrivalPattern, arrivalPatterns, type Mix, parseMix } from '@floodgate/crowd'
import { UsageError } from '../usage-error.ts'

/** The limits of every rehearsal. */
const bounds = { buyers: 50_000, stock: 1_000_000, rate: 10_000, active: 1_000_000, maxSeconds: 3_600 } as const

export interface RehearsalPlan {
  readonly sale: string
  readonly buyers: number
  readonly stock: number
  readonly rate: number
  readonly maxActive: number
  readonly mix: Mix
  readonly arrival: { readonly pattern: ArrivalPattern; readonly overMs: number }
  readonly socketPercent: number
  readonly paymentMethod: string
  readonly seed: number
  readonly maxSeconds: number
}

export interface RehearsalValues {
  readonly sale: string
  readonly buyers: number
  readonly stock: number
  readonly rate: number
  readonly active: number
  readonly seconds: number
  readonly 'max-seconds': number
  readonly arrival: string
  readonly mix: string
  readonly sockets: string
  readonly seed: number
  readonly 'payment-method': string
}

/** Validates the options and names the sale. Pure. Throws {@link UsageError} with every error found. */
export function planRehearsal(
  values: RehearsalValues,
  { now, random }: { readonly now: Date; readonly random: string },
): RehearsalPlan {
  const problems: string[] = []
  const whole = (name: 'buyers' | 'stock' | 'active', value: number): number => {
    if (!Number.isInteger(value) || value < 1 || value > bounds[name])
      problems.push(`--${name} is a whole number from 1 to ${bounds[name]}, not ${value}.`)
    return value
  }
  if (values.rate < 0.1 || values.rate > bounds.rate)
    problems.push(`--rate is from 0.1 to ${bounds.rate} per second, not ${values.rate}.`)
  if (values['max-seconds'] > bounds.maxSeconds)
    problems.push(`--max-seconds is at most ${bounds.maxSeconds}, not ${values['max-seconds']}.`)
  const pattern = arrivalPatterns.find((each) => each === values.arrival)
  if (pattern === undefined)
    problems.push(`--arrival is one of ${arrivalPatterns.join(', ')}, not "${values.arrival}".`)
  const socketPercent = Number(values.sockets)
  if (!Number.isInteger(socketPercent) || socketPercent < 0 || socketPercent > 100)
    problems.push(`--sockets is a percentage, not "${values.sockets}".`)
  const sale = values.sale === '' ? `rehearsal-${now.toISOString().slice(0, 10)}-${random}` : values.sale
  if (!/^rehearsal-[a-z0-9-]{1,30}$/.test(sale))
    problems.push(`--sale begins with "rehearsal-", then up to 30 of a-z, 0-9 and -; not "${sale}".`)
  const plan = {
    sale,
    buyers: whole('buyers', values.buyers),
    stock: whole('stock', values.stock),
    maxActive: whole('active', values.active),
    rate: values.rate,
    mix: mixOf(values, problems),
    arrival: { pattern: pattern ?? 'even', overMs: values.seconds * 1_000 },
    socketPercent,
    paymentMethod: values['payment-method'],
    seed: values.seed,
    maxSeconds: values['max-seconds'],
  }
  if (problems.length > 0) throw new UsageError('usage', problems.join('\n'))
  return plan
}

/** Only the simulator has a payment method that is always declined. With another provider those buyers only wait. */
function mixOf(values: Pick<RehearsalValues, 'mix' | 'payment-method'>, problems: string[]): Mix {
  try {
    const mix = parseMix(values.mix)
    if (values['payment-method'] === 'sim_ok') return mix
    return { ...mix, 'be-declined': 0, wait: mix.wait + mix['be-declined'] }
  } catch (error) {
    problems.push(`--mix: ${error instanceof Error ? error.message : String(error)}`)
    return { buy: 100, leave: 0, 'be-declined': 0, wait: 0 }
  }
}
