type Sample = Readonly<Record<string, unknown>>

const sample = (count: number, seconds: number, free: boolean): Sample => ({
  ...{ name: 'VALUE', was: 'VALUE', price: 'VALUE', number: 'VALUE', sale: 'VALUE', title: 'VALUE', reason: 'VALUE' },
  ...{
    order: 'VALUE',
    shop: 'VALUE',
    clock: '0:42',
    at: new Date(0),
    until: new Date(0),
    free,
    withVoucher: count === 1,
  },
  ...{ status: 400 + count, count, quantity: count, limit: count, max: count, position: count, value: count },
  ...{ seconds, etaSeconds: free ? null : seconds, remaining: free ? 0 : seconds },
})

/** Arguments for every function of a language, each with all possible parameters: one, some, many, none. */
export const SAMPLES: readonly Sample[] = [
  sample(1, 1, false),
  sample(3, 90, true),
  sample(1_200, 3_725, false),
  sample(2, 90_000, true),
]

interface FoundText {
  readonly path: string
  readonly value: unknown
  /** The string itself, or the function's results for the samples. */
  readonly values: readonly string[]
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

/** Returns every text of a language: strings, and functions that return some. */
export function textsIn(value: unknown, path = ''): readonly FoundText[] {
  if (typeof value === 'string') return [{ path, value, values: [value] }]
  if (typeof value === 'function') return [{ path, value, values: SAMPLES.flatMap((of) => stringsIn(value(of))) }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([key, inner]) => textsIn(inner, `${path}/${key}`))
}

/** Returns the parameters that a function reads, sorted; none for a string. */
export function recorded(value: unknown): readonly string[] {
  if (typeof value !== 'function') return []
  const names = new Set<string>()
  for (const of of SAMPLES)
    value(
      new Proxy(of, {
        get: (target, name) => {
          names.add(String(name))
          return target[String(name)]
        },
      }),
    )
  return [...names].sort()
}
