export interface RenderedMail {
  readonly subject: string
  /** The sender's name: the sale, where its name is known. */
  readonly senderName: string | undefined
  readonly language: string
  readonly text: string
  readonly html: string
  /** Fields beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Maximum length of a sale's name in a subject or as a sender: mail programs cut at about this length anyway, and the
 * order's number must stay visible.
 */
export const HEADER_NAME_MAX = 60
