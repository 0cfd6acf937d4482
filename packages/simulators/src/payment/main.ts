import { runService } from '@floodgate/runtime'
import { createPaymentSimulator } from './app.ts'
import { definition } from './config.ts'

await runService({ definition, createApp: createPaymentSimulator })
