export { type ArrivalPattern, arrivalPatterns } from './arrival.ts'
export {
  type CrowdMeasures,
  createMeasures,
  isFailure,
  type Measures,
  type SecondCount,
  type Timing,
} from './measures.ts'
export { type Intent, intents, type Mix, parseMix, usualMix } from './mix.ts'
export type * from './observer.ts'
export { type Crowd, type CrowdOptions, runCrowd } from './run-crowd.ts'
export type { PaymentMethods } from './surroundings.ts'
