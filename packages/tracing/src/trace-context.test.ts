import { expect, it } from 'vitest'
import { formatTraceparent, newTraceparent, parseTraceparent, traceIdOf } from './trace-context.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

it.each([
  ['01', true],
  ['00', false],
  ['03', true],
  ['fe', false],
])('the last bit of the flags %s tells whether a span is recorded', (flags, isSampled) => {
  expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-${flags}`)).toEqual({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    isSampled,
  })
})

it.each([
  undefined,
  null,
  '',
  'nonsense',
  `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
  `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
  `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
  `01-${TRACE_ID}-${SPAN_ID}-01-more`,
  `00-${TRACE_ID}-${SPAN_ID}-01, 00-${TRACE_ID}-${SPAN_ID}-01`,
])('a malformed context, such as %s, counts as none', (traceparent) => {
  expect(parseTraceparent(traceparent)).toBeUndefined()
})

it('a context is written as it was read', () => {
  const traceparent = newTraceparent()
  const context = parseTraceparent(traceparent)
  expect(context && formatTraceparent(context)).toBe(traceparent)
  expect(traceIdOf(traceparent)).toBe(context?.traceId)
})

it('a span of a known trace stays in it', () => {
  expect(traceIdOf(newTraceparent(TRACE_ID))).toBe(TRACE_ID)
  expect(newTraceparent(TRACE_ID)).not.toBe(newTraceparent(TRACE_ID))
})
