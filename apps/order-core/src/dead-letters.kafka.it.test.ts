import { testServerAddress } from '@floodgate/testkit'
import { commonOptions, describeDeadLetters } from './testing/describe-dead-letters.ts'

describeDeadLetters('Kafka', async () => {
  const broker = testServerAddress('kafka')
  const onFatal = (error: Error) => {
    throw error
  }
  return {
    options: { kind: 'kafka', brokers: [broker], onFatal, ...commonOptions },
    settings: { BUS: 'kafka', KAFKA_BROKERS: broker },
  }
})
