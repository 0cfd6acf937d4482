import { setting } from '../config/setting.ts'

/** Settings of an app that deletes old rows, besides how long it keeps each kind. */
export const retentionSettings = {
  retentionSweepSeconds: setting.number({
    description: 'Pause between two rounds of retention',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: 60,
  }),
  retentionExportDir: setting.optionalText({
    description:
      'Directory to which rows are exported as gzipped JSON lines before their deletion; unset, they are not exported',
  }),
}
