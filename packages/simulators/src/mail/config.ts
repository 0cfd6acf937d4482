import { type ConfigOf, commonSettings, defineConfig, setting } from '@floodgate/runtime'

const port = (description: string, value: number) =>
  setting.integer({ description, unit: 'port', min: 0, max: 65_535, default: value })

export const definition = defineConfig({
  app: 'mail-catcher',
  summary: 'A mail server for development and tests: accepts every mail, delivers none, shows them over HTTP.',
  settings: {
    port: port('Port of the HTTP inbox', 7526),
    smtpPort: port('Port of the SMTP server', 7525),
    ...commonSettings,
    messagesMax: setting.integer({
      description: 'Messages kept; above it the oldest are dropped',
      unit: 'messages',
      min: 1,
      max: 1_000_000,
      default: 100_000,
    }),
  },
})

export type MailCatcherConfig = ConfigOf<typeof definition>
