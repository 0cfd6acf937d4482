import { faults } from '../report/faults.ts'

/** Lists what is wrong with the mails of a load in which each of so many buyers gets exactly one. Pure. */
export function mailFaults(recipients: readonly string[], buyers: number): string[] {
  const different = new Set(recipients).size
  return faults([
    [different !== buyers, `${different} of ${buyers} buyers got a mail`],
    [recipients.length > different, `${recipients.length - different} mails were delivered twice`],
  ])
}
