/** The texts of a code that is mailed, typed, and sent again. */
export const mailedCodeMessages = {
  send: 'Send the code',
  sent: (address: string, until: string) =>
    `We sent a code to ${address}. It works until ${until}. Look in the spam folder if it doesn’t arrive.`,
  sentAgain: 'Another code is on its way. Only the newest one works.',
  label: 'Code from the email',
  missing: 'Enter the six digits from the email.',
  refused: "That code didn't work. Use the one in the newest email, or send another.",
  again: 'Send another code',
  againIn: (wait: string) => `You can send another code in ${wait}.`,
} as const;
