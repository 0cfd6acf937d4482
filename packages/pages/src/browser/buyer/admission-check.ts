import type { Problem } from '../shared/problem.ts'
import type { Checkout, Model } from './model.ts'

type Placing = Extract<Checkout, { kind: 'placing' }>

const PASSES_MAX = 2

const asked = (model: Model, { draft }: Placing, problem?: Problem): Model => ({
  ...model,
  checkout: { kind: 'choosing', draft, ...(problem === undefined ? {} : { problem }) },
})

/**
 * What the page knows after the order core did not take the pass. Whether the turn lasts is for the line to say, which is asked:
 * a turn that was made longer has another pass, and a key that is new to the order core is known there some seconds later. An order
 * that is refused once more is given back to the buyer, who may press again.
 */
export function onAdmissionRefused(model: Model, problem: Problem, pass: string | undefined): Model {
  const { checkout, admission } = model
  if (checkout.kind !== 'placing') return model
  const times = (checkout.refusedAdmission?.times ?? 0) + 1
  if (times === PASSES_MAX) return asked(model, checkout, problem)
  return {
    ...model,
    checkout: { ...checkout, trouble: 'none', refusedAdmission: { admission: pass ?? admission, problem, times } },
  }
}

/** What the page knows once the line was asked about the turn whose pass was refused. `told` is what its answer alone changes. */
export function onAdmissionChecked(model: Model, told: (before: Model) => Model, at: number): Model {
  const { checkout } = model
  if (checkout.kind !== 'placing' || checkout.refusedAdmission === undefined) return model
  const { refusedAdmission } = checkout
  const known = told(asked(model, checkout))
  if (known.line.kind !== 'admitted') return known
  if (Date.parse(known.line.expiresAt) <= at) return { ...known, line: { kind: 'expired' }, search: 'wanted' }
  const isSame = known.line.admission === refusedAdmission.admission
  // The same pass does not become younger.
  if (isSame && refusedAdmission.problem.code === 'admission-expired')
    return asked(known, checkout, refusedAdmission.problem)
  return {
    ...known,
    checkout: { ...checkout, refusedAdmission: { ...refusedAdmission, repeat: isSame ? 'later' : 'now' } },
  }
}
