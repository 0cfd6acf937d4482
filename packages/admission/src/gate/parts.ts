import type { KeySource } from '../keys.ts'
import type { AdmissionVerifier } from '../verifier.ts'
import type { Contact } from './contact.ts'
import type { CookieRules } from './cookie.ts'
import type { FailMode } from './decide.ts'
import type { Judges } from './judges.ts'
import type { GateEvent } from './note.ts'
import type { GateOptions } from './options.ts'
import type { Place } from './origin.ts'
import type { GateRequest } from './request.ts'
import type { Revocations } from './revocations.ts'

/** The parts of a gate. */
export interface GateParts {
  readonly options: GateOptions
  readonly queueUrl: string
  readonly issuer: string
  readonly audience: string
  readonly failMode: FailMode
  now(): number
  /** A clock that never goes back, to measure ages. */
  steadyNow(): number
  readonly contact: Contact
  readonly keys: KeySource
  readonly verifier: AdmissionVerifier
  readonly revocations: (() => Promise<Revocations>) | undefined
  readonly judges: Judges
  note(event: GateEvent): void
  cookieRulesFor(place: Place): CookieRules
  saleOf(request: GateRequest): string | undefined
}
