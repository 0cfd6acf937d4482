import { ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import type { SamplerName } from './samplers.ts'
import type { TraceContext } from './trace-context.ts'

export interface Sampler {
  /** Tells whether a trace is recorded: the same in every process with the same ratio. */
  isSampled(traceId: string): boolean
  /** Tells whether the step after `parent` is recorded. */
  continues(parent: TraceContext): boolean
}

/** Creates the sampler of `OTEL_TRACES_SAMPLER`; `ratio` is the share of traces for those that take one, 0 to 1. */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  const isSampled = name.endsWith('always_on')
    ? () => true
    : name.endsWith('always_off')
      ? () => false
      : sampleRatio(ratio)
  return {
    isSampled,
    continues: (parent) => (name.startsWith('parentbased') ? parent.isSampled : isSampled(parent.traceId)),
  }
}

function sampleRatio(ratio: number): Sampler['isSampled'] {
  const sampler = new TraceIdRatioBasedSampler(ratio)
  return function isSampled(traceId) {
    return sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}
