export interface Outcome {
  readonly sale: string
  readonly total: number
  readonly sold: number
  readonly held: number
  readonly available: number
  /** Whether Redis and Postgres have the same figures. */
  readonly agree: boolean
  readonly buyers: number
  readonly confirmed: number
  readonly declined: number
  readonly left: number
  /** Orders still pending, and buyers without a response. */
  readonly unfinished: number
  /** Approved charges of the confirmed orders. */
  readonly charges: number
  /** Distinct confirmation mails to their buyers. */
  readonly mails: number
  readonly placesLost: number
}

/** Formats the outcome of a crowd, and whether it adds up. Pure. */
export function outcomeTable(outcome: Outcome): string {
  const oversold = Math.max(0, outcome.sold + outcome.held - outcome.total)
  const sum = outcome.sold + outcome.held + outcome.available
  const rows: (readonly [string, string, boolean])[] = [
    [
      'sold + held + available',
      `${outcome.sold} + ${outcome.held} + ${outcome.available} = ${sum} of ${outcome.total}`,
      sum === outcome.total,
    ],
    ['Redis and Postgres', outcome.agree ? 'agree' : 'differ', outcome.agree],
    ['oversold', String(oversold), oversold === 0],
    ['charges', `${outcome.charges} for ${outcome.confirmed} confirmed orders`, outcome.charges === outcome.confirmed],
    ['mails', `${outcome.mails} for ${outcome.confirmed} confirmed orders`, outcome.mails === outcome.confirmed],
    ['places lost', `${outcome.placesLost} of ${outcome.buyers}`, outcome.placesLost === 0],
    ['unfinished', `${outcome.unfinished} of ${outcome.buyers}`, outcome.unfinished === 0],
    ['declined, left', `${outcome.declined}, ${outcome.left}`, true],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const body = rows.map(([name, value, good]) => `  ${good ? '✓' : '✗'} ${name.padEnd(width)}  ${value}`)
  return ['', `The crowd of ${outcome.buyers} in sale ${outcome.sale} is done:`, '', ...body, ''].join('\n')
}
