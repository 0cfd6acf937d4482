import { runService } from '@floodgate/service'
import { createPaymentSimulator } from './app.ts'
import { definition } from './config.ts'

await runService({ definition, createApp: createPaymentSimulator })
