import { eventually } from '@floodgate/testkit'
import { startOtlpCollector } from '@floodgate/testkit/fixtures'
import { newTraceparent, parseTraceparent } from '@floodgate/tracing'
import { expect, test } from 'vitest'
import { createOrder, startFixture } from '../testing/fixture.ts'

test('each attempt of a mail is a step after the end of its order, without its address', async () => {
  const [collector, fixture] = await Promise.all([startOtlpCollector(), startFixture()])
  const notifier = await fixture.startNotifier({
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '10' },
  })
  const traceparent = newTraceparent()
  const order = await createOrder({ email: 'someone@example.org' })
  await fixture.publish({ ...order.confirmed(), traceparent })
  const span = await eventually(() => {
    const [mail] = collector.spans()
    if (mail === undefined) throw new Error('no mail is recorded yet')
    return mail
  })
  expect(span).toMatchObject({
    ...{
      name: 'mail',
      traceId: parseTraceparent(traceparent)?.traceId,
      parentId: parseTraceparent(traceparent)?.spanId,
    },
    attributes: {
      ...{ 'floodgate.order': order.id, 'floodgate.mail': 'confirmed' },
      ...{ 'floodgate.attempt': 1, 'floodgate.outcome': 'sent' },
    },
  })
  expect(collector.exports.map(({ text }) => text).join('')).not.toContain('example.org')
  await notifier.stop()
  await fixture.stop()
  await collector.stop()
})
